"""Render once, fill many: a page is rendered by WeasyPrint once, as a complete tagged PDF/A-3a, and then filled.

Filling replaces the texts of its slots, its QR codes, title, tags and attachment, and cuts the fonts down to the glyphs
that are used; everything else stays as rendered. The result equals what WeasyPrint makes of the same page with the
same texts, a hundred times faster (tests/certificates/test_press.py).

    template = Template(html, css, assets, sample, letters)    # sample: what stands in the slots of this html
    document = template.fill(Values(texts, codes, stacks, info, attachment))

Both raise CannotFill rather than draw anything that differs from WeasyPrint's page; the caller then renders that page.
"""

from halal.pdf_fill.shaping import CannotFill
from halal.pdf_fill.template import LETTERS, Code, Template, Text, Values

__all__ = ["LETTERS", "CannotFill", "Code", "Template", "Text", "Values"]
