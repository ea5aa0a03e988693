"""A library that trains many Keras models of one architecture at once, stacked along an axis.

Weights are stored flat, (members, n): updates run over long rows, every scalar that may differ
between members is a column (members, 1), and one Keras optimizer over the stack is one optimizer a
member. An epoch is one compiled program; strengths, rates and seeds are its inputs, so that one
program serves a whole grid. A member's bits do not depend on the other members. Splits may
have unequally many rows: that is another program, in which the last bits of a member may differ
from those that it has where all splits have equally many.

It knows Keras models, arrays, metrics and penalties, and no config, store or command. Doors:

- `refusals.why_not_model` and `optimizer.why_not_optimizer`: what cannot be stacked, and why;
- `model_call.stacked_call`: a model's graph, walked on the tensors of all members;
- `recipe.Recipe` and `recipe.Start`: what members share, and what each begins with;
- `layout.plan_layout`: how many members a program takes, and how many programs run at a time;
- `program.EpochProgram`: members in slots, trained an epoch a call.

Importing this room loads TensorFlow, silently.
"""

from regcli.models.quiet import load_tensorflow_quietly

load_tensorflow_quietly()
