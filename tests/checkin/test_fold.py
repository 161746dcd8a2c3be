"""What a log means, whatever way it arrived."""

import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from halal.checkin.fold import OLDEST, Op, corrected_time, fold, grouped_unknown_scans, persons, skewed, unknown_scans
from halal.checkin.models import OpKind
from tests.amounts import amount

NOON = datetime(2025, 5, 15, 5, 0, tzinfo=UTC)
WITH_CODE = [(kind, code) for kind in (OpKind.WALK_IN, OpKind.UNKNOWN_SCAN) for code in "ab"]
KINDS = [(OpKind.CHECK_IN, None)] * 4 + [(kind, None) for kind in OpKind] + WITH_CODE
PEOPLE = [uuid.UUID(int=n) for n in range(1, 6)]


def op(n: int, kind=OpKind.CHECK_IN, person=PEOPLE[0], session=1, undoes=(), into=None, code=None) -> Op:
    at = NOON, NOON, NOON
    return Op(uuid.UUID(int=1000 + n), n, kind, session, person, *at, frozenset(undoes), into, token_hash=code)


@st.composite
def logs(draw) -> list[Op]:
    """Logs of up to forty operations; undos and merges name operations and people of the log, sometimes others."""
    length = draw(st.integers(0, 40))
    log = []
    for n in range(1, length + 1):
        kind, code = draw(st.sampled_from(KINDS))
        person, session = draw(st.sampled_from(PEOPLE)), draw(st.integers(1, 2))
        targets = draw(st.sets(st.integers(1, length + 2), max_size=3)) if kind == OpKind.UNDO else ()
        into = draw(st.sampled_from(PEOPLE)) if kind == OpKind.MERGE else None
        log.append(op(n, kind, person, session, {uuid.UUID(int=1000 + t) for t in targets}, into, code))
    return log


@given(logs(), st.randoms())
@settings(max_examples=amount(120, 300), deadline=None)
def test_who_is_present_does_not_depend_on_the_order_of_arrival(log, random):
    numbers = [o.seq for o in log]
    random.shuffle(numbers)
    other_way = [o._replace(seq=n) for o, n in zip(log, numbers, strict=True)]
    live = {key: {o.op_id for o in p.live} for key, p in fold(log).items()}
    assert live == {key: {o.op_id for o in p.live} for key, p in fold(other_way).items()}


@given(logs(), st.randoms())
@settings(max_examples=amount(80, 200), deadline=None)
def test_reading_a_log_twice_or_backwards_changes_nothing(log, random):
    shuffled = random.sample(log, len(log))
    assert fold([*shuffled, *log]) == fold(log)


@given(logs())
@settings(max_examples=amount(80, 200), deadline=None)
def test_the_lowest_number_counts_and_the_others_repeat_it(log):
    for presence in fold(log).values():
        numbers = [o.seq for o in presence.live]
        assert numbers == sorted(set(numbers))


@given(logs())
@settings(max_examples=amount(80, 200), deadline=None)
def test_an_undo_takes_back_exactly_what_it_names(log):
    stands_for = persons(log)
    named = {(stands_for.get(o.registration_id, o.registration_id), i) for o in log if o.kind == OpKind.UNDO
             for i in o.undoes}  # fmt: skip
    arrivals = [o for o in log if o.kind in (OpKind.CHECK_IN, OpKind.WALK_IN)]
    alive = {o.op_id for p in fold(log).values() for o in p.live}
    for o in arrivals:
        taken_back = (stands_for.get(o.registration_id, o.registration_id), o.op_id) in named
        assert (o.op_id in alive) is not taken_back


@given(logs())
@settings(max_examples=amount(80, 200), deadline=None)
def test_what_one_person_does_never_moves_another(log):
    """The attendance of a group of merged people follows from their own operations and the merges alone: this is what
    lets the server read a few rows instead of the whole log."""
    stands_for, whole = persons(log), fold(log)
    for person in PEOPLE:
        root = stands_for.get(person, person)
        group = {p for p in PEOPLE if stands_for.get(p, p) == root}
        part = [o for o in log if o.kind == OpKind.MERGE or o.registration_id in group]
        assert {k: v for k, v in fold(part).items() if k[1] == root} == {k: v for k, v in whole.items() if k[1] == root}


def test_an_undo_may_arrive_before_what_it_takes_back():
    assert fold([op(1, OpKind.UNDO, undoes={uuid.UUID(int=1002)}), op(2)]) == {}


def test_an_undo_spares_a_check_in_it_had_not_seen():
    first, second = op(1), op(3)
    log = [first, op(2, OpKind.UNDO, undoes={first.op_id}), second]
    assert fold(log)[1, PEOPLE[0]].op == second


def test_an_undo_for_somebody_else_reaches_nothing():
    assert fold([op(1), op(2, OpKind.UNDO, person=PEOPLE[1], undoes={uuid.UUID(int=1001)})])


def test_merged_people_are_present_once_under_the_name_that_was_kept():
    log = [op(1, person=PEOPLE[0]), op(2, person=PEOPLE[1]), op(3, OpKind.MERGE, PEOPLE[0], into=PEOPLE[1])]
    presence = fold(log)
    assert list(presence) == [(1, PEOPLE[1])]
    assert [o.seq for o in presence[1, PEOPLE[1]].live] == [1, 2]


def test_merges_in_a_circle_still_give_one_person():
    log = [op(1, OpKind.MERGE, PEOPLE[0], into=PEOPLE[1]), op(2, OpKind.MERGE, PEOPLE[1], into=PEOPLE[0])]
    assert persons(log) == {PEOPLE[0]: PEOPLE[0], PEOPLE[1]: PEOPLE[0]}


def test_unknown_scans_are_counted_apart_and_can_be_settled():
    scan, other = op(1, OpKind.UNKNOWN_SCAN, person=None), op(2, OpKind.UNKNOWN_SCAN, person=None)
    assert fold([scan]) == {}
    assert unknown_scans([scan, other, op(3, OpKind.UNDO, person=None, undoes={scan.op_id})]) == [other]


def test_unknown_scans_of_one_code_at_a_session_count_once():
    first, again = (op(at, OpKind.UNKNOWN_SCAN, person=None)._replace(token_hash="a" * 64) for at in (1, 2))
    elsewhere = op(3, OpKind.UNKNOWN_SCAN, person=None)._replace(token_hash="a" * 64, session_id=2)
    assert unknown_scans([again, first]) == [first]
    assert unknown_scans([first, again, elsewhere]) == [first, elsewhere]
    assert grouped_unknown_scans([again, first]) == [[first, again]]


def test_a_wrong_clock_is_corrected_and_flagged():
    three_hours = timedelta(hours=3)
    late = op(1)._replace(client_at=NOON + three_hours, sent_at=NOON + three_hours + timedelta(minutes=5),
                   received_at=NOON + timedelta(minutes=5))  # fmt: skip
    assert corrected_time(late) == NOON
    assert skewed(late)
    assert not skewed(op(1)._replace(received_at=NOON + timedelta(minutes=2)))


@given(*[st.integers(-(10**7), 10**7)] * 2)
def test_a_corrected_time_is_never_in_the_future_nor_older_than_a_queue_can_be(client, sent):
    odd = op(1)._replace(client_at=NOON + timedelta(seconds=client), sent_at=NOON + timedelta(seconds=sent))
    assert odd.received_at - OLDEST <= corrected_time(odd) <= odd.received_at
