"""Convex problems solved in float64 with NumPy: losses, penalties, Newton steps, certificates.

What is minimised over W (inputs, outputs) and b (outputs,) is, with x·W + b = z,

    Σ_i a_i·loss(z_i, y_i) + l1·Σ|W| + l2·ΣW² + group·Σ_j‖W_j‖ + bias_l1·Σ|b| + bias_l2·Σb²

where ‖W_j‖ is the norm of what an input's weights are. `convex.minimise` is the door to it.
"""
