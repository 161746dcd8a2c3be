"""What goes wrong in a hall, and what must be true afterwards; on the server's side. The tablet's side is proven in
tests/browser, the whole of it in tests/soak."""

from tests.checkin import said


def test_a_guest_whose_contact_the_tablet_forgot_can_be_sent_again(db, hall):
    tablet, guest = hall.tablet(), said.walk_in(hall.session, "Ibu Rohayati", "0812 3456 7890", dev_seq=1)
    first = tablet.sync(guest).json["results"]
    again = tablet.sync({key: value for key, value in guest.items() if key != "contact"}).json["results"]
    assert first == again
    assert said.kept(db, hall.event) == []
