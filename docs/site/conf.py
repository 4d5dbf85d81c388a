"""Sphinx: how the lessons become pages. Built by tools/build_site.py, which stages the sources."""

project = "Why Edges Blur"
author = "the authors of Why Edges Blur"
copyright = "the authors of Why Edges Blur; text and figures CC BY 4.0, code MIT"

extensions = ["myst_nb", "sphinx.ext.mathjax"]
language = "en_GB"
root_doc = "index"

# The lessons come executed (tools/site_execution.py): a kernel of Sphinx's own could not keep
# what did not change, nor show widgets.
nb_execution_mode = "off"
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3

# Formulae are drawn as SVG, which needs no font files: these a browser may refuse to a page that
# was opened from a folder.
mathjax_path = "mathjax.js"

html_theme = "furo"
html_title = "Why Edges Blur"
html_static_path = ["static", "mathjax"]
html_extra_path = ["extra"]  # the figures
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_use_index = False
html_show_search_summary = False  # fetched, which a page opened from a folder may not do
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": True}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
