"""Letters that no typeface has, which are shown as boxes."""

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager, get_font
from matplotlib.text import Text

from regcli.report.writers.by_matplotlib.house_style import typefaces


def lacking_letters(figure: Figure) -> str:
    """The letters of a figure's texts that it cannot show, each once, in order."""
    known: set[int] = set()
    for name in typefaces():
        known |= get_font(fontManager.findfont(FontProperties(family=name))).get_charmap().keys()
    texts = (text.get_text() for text in figure.findobj(Text))
    letters = {letter for text in texts for letter in text if not letter.isspace()}
    return "".join(sorted(letter for letter in letters if ord(letter) not in known))
