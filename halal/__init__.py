"""Serambi Halal: the site of offices that help small businesses become halal-certified.

create_app is the table of contents of the product: what it is made of, in the order it is put together.
"""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from halal import (
    accounts,
    admission,
    checkin,
    cli,
    compression,
    formats,
    headers,
    i18n,
    jobs,
    markdown,
    messages,
    models,
    regions,
    site_address,
    text,
    web,
    words_of_forms,
)
from halal.config import ROOT, flask_settings, read_settings
from halal.extensions import babel, csrf, db, htmx, login_manager, migrate


def create_app(environ: dict | None = None, **overrides) -> Flask:
    """The application. `environ` replaces the process's variables, `overrides` Flask's settings (for tests)."""
    settings = read_settings(environ) if environ is not None else read_settings()
    app = web.Application(
        "halal",
        root_path=str(ROOT),
        instance_path=str(settings.instance),
        template_folder="templates",
        static_folder="static",
    )
    app.config.update(flask_settings(settings), **overrides)
    app.testing = bool(app.config.get("TESTING"))
    if settings.trust_proxy:
        hops = settings.trust_proxy
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    headers.init_app(app)
    admission.init_app(app)
    site_address.init_app(app)
    db.init_app(app)
    assert models  # importing them is what makes the tables known
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)
    login_manager.init_app(app)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=i18n.select_locale, default_translation_directories=i18n.DIRECTORY)
    htmx.init_app(app)

    compression.init_app(app)
    web.init_app(app)
    jobs.init_app(app)
    i18n.init_app(app)
    words_of_forms.init_app()
    accounts.init_app(app)
    checkin.init_app(app)
    messages.init_app(app)
    app.jinja_env.filters.update(
        formats.FILTERS, phone=text.show_phone, region=regions.label, markdown=markdown.to_html
    )
    for blueprint in _blueprints():
        app.register_blueprint(blueprint)
    cli.init_app(app)
    return app


def _blueprints():
    """Every part of the product that answers requests."""
    from halal.accounts.views import bp as accounts_bp
    from halal.audit.views import bp as audit_bp
    from halal.certificates.views import bp as certificates_bp
    from halal.checkin.views import bp as checkin_bp
    from halal.desk.views import bp as desk_bp
    from halal.events.views import bp as events_bp
    from halal.facilitation.views import bp as facilitation_bp
    from halal.news.views import bp as news_bp
    from halal.organizations.views import bp as organizations_bp
    from halal.portal.views import bp as portal_bp
    from halal.programs.views import bp as programs_bp
    from halal.registrations.views import bp as registrations_bp
    from halal.reports.views import bp as reports_bp

    return (
        portal_bp, accounts_bp, desk_bp, organizations_bp, programs_bp, events_bp, registrations_bp, checkin_bp,
        certificates_bp, news_bp, facilitation_bp, reports_bp, audit_bp,
    )  # fmt: skip
