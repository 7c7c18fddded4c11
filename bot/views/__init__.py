"""Views: pure functions from data to text and keyboard."""
