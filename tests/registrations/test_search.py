"""Finding attendees by the beginnings of words."""

import pytest

from halal.registrations import search


@pytest.fixture
def event(make):
    return make.event()


@pytest.fixture
def person(make, event):
    def add(name="Peserta", **values):
        registration = make.registration(values.pop("event", event), name=name, **values)
        search.index([registration])
        return registration

    return add


@pytest.fixture
def found(db, event):
    return lambda query: set(db.session.scalars(search.matching(event.id, query)))


@pytest.mark.parametrize(
    "query",
    [
        "as", "ASEP", "asep awal", "awaludin asep", "h. asep", "Asep Awaludin, S.H.", "gending", "as gen",
        "0812", "812", "62812", "+62 812-3456", "0812 3456 7890", "(0812) 3456", "7890", "567890", "asep 7890",
        "9120", "9120301234567", "9120 3012",
    ],
)  # fmt: skip
def test_finds_by_name_business_phone_and_nib(person, found, query):
    asep = person(
        "H. Asep Awaludin, S.H.", business_name="CV Gending Jaya", phone="+6281234567890", nib="9120301234567"
    )
    assert found(query) == {asep.id}


@pytest.mark.parametrize(
    "query", ["budi", "asep budi", "sep", "0813", "3456", "301234", "asep 7891", "' or 1=1", "%", "as_p"]
)
def test_does_not_find_what_does_not_begin_so(person, found, query):
    person("Asep Awaludin", business_name="Gending", phone="+6281234567890", nib="9120301234567")
    assert found(query) == set()


@pytest.mark.parametrize("query", ["", " ", "a", "1", "..", "🍀"])
def test_less_than_two_letters_find_nobody(person, found, query):
    person("A", phone="+6281111111111")
    assert found(query) == set()


@pytest.mark.parametrize("query", ["muh", "moh", "Moh. Yusuf", "muhammad yusuf", "M. Yusuf", "mochamad"])
def test_common_spellings_of_a_name_are_one(person, found, query):
    both = {person("Muhammad Yusuf").id, person("Moch. Yusuf").id}
    assert found(query) == both


def test_accents_and_apostrophes_do_not_matter(person, found):
    nuaim = person("Nu'aim Désirée")
    assert found("nuaim desiree") == found("Nu’aim") == {nuaim.id}


def test_other_scripts_are_found_too(person, found):
    fatih = person("محمد الفاتح")
    assert found("محمد") == {fatih.id}


def test_a_name_of_titles_only_is_found(person, found):
    someone = person("Ibu Haji")
    assert found("ibu haji") == {someone.id}


def test_other_events_are_not_searched(make, person, found):
    person("Asep", event=make.event())
    assert found("asep") == set()


def test_a_change_is_found_and_what_it_replaced_is_not(db, person, found):
    registration = person("Asep", business_name="Warung")
    registration.name, registration.business_name = "Budi", "Toko"
    search.index([registration])
    assert found("budi") == found("toko") == {registration.id}
    assert found("asep") == found("warung") == set()


def test_a_long_word_is_found_by_its_beginning(person, found):
    registration = person("X" * 150)
    assert found("x" * 150) == found("xx") == {registration.id}


def test_by_name_lists_each_once_in_the_order_of_names(person, event):
    last = person("Siti Zubaedah", business_name="Siti Sari")
    first = person("Aminah Siti", business_name="Sinar Siti")
    middle = person("Budi", business_name="Siti Catering")
    order = [first.id, middle.id, last.id]
    assert search.by_name(event.id, "si", 0, 10) == order
    assert search.by_name(event.id, "si", 0, 2) == order[:2]
    assert search.by_name(event.id, "si", 1, 1) == [middle.id]
