"""What is told to those who asked to be told: subscriptions, webhooks, events."""
