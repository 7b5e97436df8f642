"""What blackbox exporter calls the way in which a public URL is probed, on both sides."""

MODULE = "public_url"
