"""What people see in a browser and what Twilio calls: `web.app`. Knowing nothing of it: `web.simulator`."""
