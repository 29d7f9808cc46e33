"""A page's form, filled with what a person had typed before."""

from __future__ import annotations

from lxml import html

from registry.web.refill import refilled

NOTICE = (
    '<p><span data-kept="back">B</span><span data-kept="changed">C</span><span data-kept="gone">G</span></p>'
)
FORM = f"""<!doctype html><html lang="es"><body>{NOTICE}
<form method="post" action="/x"><input type="hidden" name="what" value="other"><input name="reason"></form>
<details><summary>…</summary><form method="post" action="/x" id="f">
<input type="hidden" name="csrf" value="now"><input type="hidden" name="version" value="3">
<input type="hidden" name="what" value="go"><input name="reason" value="old"><input name="untouched" value="kept">
<textarea name="words">before</textarea><input type="password" name="secret"><input type="checkbox" name="flag" checked>
<select name="kind"><option value="a" selected>A</option><option>B</option></select></form></details>
<input name="outside" form="f"></body></html>"""
TYPED = {
    "what": "go",
    "version": "3",
    "csrf": "then",
    "reason": '"><script>alert(1)</script>',
    "words": "first\r\n</textarea>\u202esecond\x07",
    "secret": "hunter2",
    "kind": "B",
    "outside": "there",
}


def said(page: str) -> list[str]:
    return html.document_fromstring(page).xpath("//p/span/text()")


def test_what_was_typed_is_in_its_boxes_and_draws_nothing():
    page = refilled(FORM, "/x", TYPED, "id1")
    document = html.document_fromstring(page)
    form = document.get_element_by_id("f")
    values = {each.get("name"): each.get("value") for each in form.iter("input")}
    assert values["reason"] == TYPED["reason"] and values["untouched"] == "kept"
    assert form.xpath(".//textarea")[0].text == "first\n</textarea>⟨U+202E⟩second⟨U+0007⟩"
    assert form.xpath(".//option[@selected]/text()") == ["B"]
    assert document.xpath("//input[@name='outside']/@value") == ["there"]
    assert not document.xpath("//script") and "hunter2" not in page
    assert not form.xpath(".//input[@name='flag'][@checked]"), "a box that was not ticked"
    assert values["csrf"] == "now" and values["kept"] == "id1", "the token is this session's"
    assert document.xpath("//details[@open]"), "what is filled can be seen"
    assert not document.xpath("(//form)[1]//input[@name='reason']/@value"), "the other form is as it was"
    assert said(page) == ["B"]


def test_a_page_that_has_changed_meanwhile_says_so():
    page = refilled(FORM, "/x", {**TYPED, "version": "2"}, "id1")
    assert said(page) == ["C"]
    assert html.document_fromstring(page).xpath("//input[@name='version']/@value") == ["3"]


def test_a_page_without_the_form_says_that_it_takes_it_no_more():
    for action, fields in (("/y", TYPED), ("/x", {**TYPED, "what": "gone"})):
        page = refilled(FORM, action, fields, "id1")
        assert said(page) == ["G"] and "hunter2" not in page and "first" not in page


def test_a_choice_that_is_no_more_leaves_the_one_that_is():
    page = refilled(FORM, "/x", {**TYPED, "kind": "Z"}, "id1")
    assert html.document_fromstring(page).xpath("//option[@selected]/text()") == ["A"]
