"""The tags: which part of the drawing is which paragraph. A slot with more lines than the template has more tags."""

from collections.abc import Mapping

from halal.pdf_fill.objects import array, reference, string
from halal.pdf_fill.shaping import CannotFill

_ELEMENT = b"<</Type /StructElem/S /%b/K %b/Pg %b/P %b>>"


def target(reference_) -> int:
    """The number of the object that a reference names."""
    return int(bytes(reference_).split()[0])


def dictionary(entries: Mapping, *without: str) -> bytes:
    """A dictionary of WeasyPrint's, left open at its end, without these entries."""
    return type(entries)({key: value for key, value in entries.items() if key not in without}).data[:-2]


class Structure:
    """The tags of one page. `own` are the numbers of the objects that differ from document to document."""

    def __init__(self, all_objects: Mapping, catalog: Mapping, page: int, marks: Mapping[str, int], growing: set[str]):
        self._page = reference(page)
        self._tree = target(all_objects[target(catalog["StructTreeRoot"])]["ParentTree"])
        nums = all_objects[self._tree]["Nums"]
        if len(nums) != 2:
            raise CannotFill("tags of more than the page")
        self._marked = [bytes(mark) for mark in nums[1]]
        self._paragraphs, self._figures = {}, {}
        for slot, mark in marks.items():
            element = all_objects[target(self._marked[mark])]
            if element["S"] == "/Figure":
                self._figures[slot] = element.number, dictionary(element, "Alt")
            elif slot in growing:
                paragraph = all_objects[target(element["P"])]
                if list(map(bytes, paragraph["K"])) != [self._marked[mark]]:
                    raise CannotFill(f"slot {slot} has tags of its own")
                self._paragraphs[slot] = paragraph.number, dictionary(paragraph, "K"), self._marked[mark]
        self.own = {self._tree, *(number for number, *_rest in (*self._paragraphs.values(), *self._figures.values()))}

    def fill(
        self, lines: Mapping[str, int], alts: Mapping[str, str], free: int
    ) -> tuple[dict[int, bytes], dict[str, list[int]]]:
        """The objects of a document whose slots have so many lines, new ones numbered from `free` on; and the marks of
        each slot's further lines, as the drawing must say them."""
        own: dict[int, bytes] = {}
        marked, marks = list(self._marked), {}
        for slot, (number, begin, first) in self._paragraphs.items():
            kids, marks[slot] = [first], []
            for _line in range(1, lines[slot]):
                # as WeasyPrint tags <br>: an element for it, one for what its style sheet puts before it
                br, before, span = free, free + 1, free + 2
                free += 3
                own[br] = self._element(b"NonStruct", array([reference(before)]), number)
                own[before] = self._element(b"NonStruct", b"[]", br)
                own[span] = self._element(b"Span", b"[%d]" % len(marked), number)
                marks[slot].append(len(marked))
                marked.append(reference(span))
                kids += [reference(br), reference(span)]
            own[number] = begin + b"/K " + array(kids) + b">>"
        for slot, (number, begin) in self._figures.items():
            own[number] = begin + b"/Alt " + string(alts[slot]) + b">>"
        own[self._tree] = b"<</Nums [0 " + array(marked) + b"]>>"
        return own, marks

    def _element(self, kind: bytes, kids: bytes, parent: int) -> bytes:
        return _ELEMENT % (kind, kids, self._page, reference(parent))
