"""The database: schema, migrations, repositories, encryption, wake-ups. All SQL is here."""
