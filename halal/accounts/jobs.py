"""What the worker does for accounts."""

from halal import jobs
from halal.accounts import letters, services

MAIL_ACCOUNT_LINK = "mail_new_password"


@jobs.handler(MAIL_ACCOUNT_LINK)
def mail_new_password(job: jobs.Job) -> dict:
    """Mail a link for a new password, if the e-mail has an account. It is looked up here and not in the request, whose
    answer takes as long for an unknown e-mail as for a known one."""
    user = services.find_user(job.params.get("email", ""))
    job.params = {}  # no e-mail stays in the list of jobs
    if user is not None and user.active:
        letters.send_password_link(user, services.make_password_link(user, by_mail=True), str(job.id))
    return {}
