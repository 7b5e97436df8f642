"""The inbox: an HTTP service that answers as PagerDuty and Slack do, and keeps and shows what they were sent."""
