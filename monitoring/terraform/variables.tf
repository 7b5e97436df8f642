# Written by `tocsin build` from the catalog: change the declaration, not this file.
variable "project" {
  type        = string
  description = "The project in which the secrets and the logs lie."
}

variable "escalation_policies" {
  type        = map(string)
  description = "For each team that is paged, the id of its escalation policy in PagerDuty."

  validation {
    condition     = length(setsubtract(["data", "commerce", "storefront"], keys(var.escalation_policies))) == 0
    error_message = "Every team that is paged needs its escalation policy."
  }
}

variable "slack_webhooks" {
  type        = map(string)
  description = "For each team, the address of its incoming webhook in Slack."
  sensitive   = true
}

variable "heartbeat_token" {
  type        = string
  description = "The token with which the dead man's switch is told that the alarm works."
  sensitive   = true
}

variable "sentry_dsns" {
  type        = map(string)
  description = "For each service, the DSN of its project in the error tracker."
  sensitive   = true
}

variable "readers" {
  type        = list(string)
  description = "Who reads the receivers' secrets: like serviceAccount:ALERTMANAGER@PROJECT.iam.gserviceaccount.com."
  default     = []
}
