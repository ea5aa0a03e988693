"""How Sphinx makes the site; `tools/build_site.py` gives it the pages."""

from regcli.version import __version__

project = "regcli"
author = "regcli maintainers"
project_copyright = "regcli maintainers"
release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "index"

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 4  # links to headings are written as code hosts know them
smartquotes = False  # `--l1` keeps both of its dashes

default_role = "code"  # docstrings write `names` as Markdown does
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_format = "fully-qualified"
python_maximum_signature_line_length = 80
napoleon_use_ivar = True  # attributes are listed with their class, where a docstring lists them

html_theme = "furo"
html_title = "regcli"
html_copy_source = False
html_show_sourcelink = False
html_static_path = ["site"]
html_css_files = ["site.css"]
