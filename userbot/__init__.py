"""Live sessions: lines, supervision, login, delivery. Telethon is imported only here."""
