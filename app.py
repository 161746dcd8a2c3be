from halal import create_app

app = create_app()
