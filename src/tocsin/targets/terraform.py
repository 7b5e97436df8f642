"""Terraform: the PagerDuty service of each team, and the secrets that Alertmanager and Cloud Run read.

The secrets are named as the files that alertmanager.yml reads. Logs are no second time defined: the module of
`bigquery/` is called. Cloud Run's services get an account each, which may write metrics and read its own secrets.

Sources: Terraform's pagerduty provider, pagerduty_service ("null" as a text ends no incident by time) and
pagerduty_service_integration (Events API v2); its google provider, google_secret_manager_secret,
google_secret_manager_secret_version, google_secret_manager_secret_iam_member, google_service_account,
google_project_iam_member; Terraform's documentation, "for_each" (no sensitive values in it) and "Module blocks"; Cloud
Run's, "Write Prometheus metrics by using the Prometheus sidecar" (roles, the configuration as a secret).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from tocsin.derive import Channel, Plan
from tocsin.targets.artifact import Artifact
from tocsin.targets.site import Site
from tocsin.targets.text import NOTICE

_VARIABLES = """\
variable "project" {
  type        = string
  description = "The project in which the secrets and the logs lie."
}

variable "escalation_policies" {
  type        = map(string)
  description = "For each team that is paged, the id of its escalation policy in PagerDuty."

  validation {
    condition     = length(setsubtract(@paged@, keys(var.escalation_policies))) == 0
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
"""

_MAIN = """\
terraform {
  required_version = ">= 1.3"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 5.0"
    }
    pagerduty = {
      source  = "PagerDuty/pagerduty"
      version = ">= 3.0"
    }
  }
}

locals {
  paged     = toset(@paged@)
  told      = toset(@told@)
  receivers = toset(@receivers@)
  services  = toset(@services@)
}

resource "pagerduty_service" "team" {
  for_each             = local.paged
  name                 = each.key
  description          = "What pages the team ${each.key}: alerts of severity critical."
  escalation_policy    = var.escalation_policies[each.key]
  alert_creation       = "create_alerts_and_incidents"
  auto_resolve_timeout = "null" # Alertmanager resolves what is over

  incident_urgency_rule {
    type    = "constant"
    urgency = "severity_based"
  }
}

resource "pagerduty_service_integration" "alertmanager" {
  for_each = pagerduty_service.team
  name     = "Alertmanager"
  type     = "events_api_v2_inbound_integration"
  service  = each.value.id
}

resource "google_secret_manager_secret" "receiver" {
  for_each  = local.receivers
  project   = var.project
  secret_id = each.key

  replication {
    auto {}
  }
}

resource "google_secret_manager_secret_version" "pagerduty" {
  for_each    = local.paged
  secret      = google_secret_manager_secret.receiver["${each.key}-pagerduty-key"].id
  secret_data = pagerduty_service_integration.alertmanager[each.key].integration_key
}

resource "google_secret_manager_secret_version" "slack" {
  for_each    = local.told
  secret      = google_secret_manager_secret.receiver["${each.key}-slack-url"].id
  secret_data = var.slack_webhooks[each.key]
}

resource "google_secret_manager_secret_version" "heartbeat" {
  secret      = google_secret_manager_secret.receiver["@heartbeat@"].id
  secret_data = var.heartbeat_token
}

resource "google_secret_manager_secret_iam_member" "receiver" {
  for_each  = { for pair in setproduct(local.receivers, var.readers) : join(" ", pair) => pair }
  project   = var.project
  secret_id = google_secret_manager_secret.receiver[each.value[0]].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = each.value[1]
}

resource "google_service_account" "service" {
  for_each     = local.services
  project      = var.project
  account_id   = each.key
  display_name = "${each.key} on Cloud Run"
}

resource "google_project_iam_member" "metrics" {
  for_each = google_service_account.service
  project  = var.project
  role     = "roles/monitoring.metricWriter"
  member   = each.value.member
}

resource "google_secret_manager_secret" "run_monitoring" {
  for_each  = local.services
  project   = var.project
  secret_id = "${each.key}-run-monitoring"

  replication {
    auto {}
  }
}

resource "google_secret_manager_secret_version" "run_monitoring" {
  for_each    = google_secret_manager_secret.run_monitoring
  secret      = each.value.id
  secret_data = file("${path.module}/../cloudrun/run-monitoring/${each.key}.yaml")
}

resource "google_secret_manager_secret" "sentry_dsn" {
  for_each  = local.services
  project   = var.project
  secret_id = "${each.key}-sentry-dsn"

  replication {
    auto {}
  }
}

resource "google_secret_manager_secret_version" "sentry_dsn" {
  for_each    = google_secret_manager_secret.sentry_dsn
  secret      = each.value.id
  secret_data = var.sentry_dsns[each.key]
}

resource "google_secret_manager_secret_iam_member" "run_monitoring" {
  for_each  = google_secret_manager_secret.run_monitoring
  project   = var.project
  secret_id = each.value.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.service[each.key].member
}

resource "google_secret_manager_secret_iam_member" "sentry_dsn" {
  for_each  = google_secret_manager_secret.sentry_dsn
  project   = var.project
  secret_id = each.value.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.service[each.key].member
}

module "logs" {
  source  = "../bigquery"
  project = var.project
}

output "pagerduty_services" {
  description = "Where each team sees its incidents."
  value       = { for team, service in pagerduty_service.team : team => service.html_url }
}
"""


def render(plan: Plan, _: Site) -> Iterator[Artifact]:
    """Yield the configuration, and what it is told."""
    lists = {
        "paged": _teams(plan, "pagerduty"),
        "told": _teams(plan, "slack"),
        "receivers": [route.secret for route in plan.routes],
        "services": [service.name for service in plan.catalog.services],
    }
    heartbeat = next(route.secret for route in plan.routes if route.channel == "heartbeat")
    main = _filled(_MAIN, lists).replace("@heartbeat@", heartbeat)
    yield Artifact("terraform/main.tf", NOTICE + main)
    yield Artifact("terraform/variables.tf", NOTICE + _filled(_VARIABLES, lists))


def _teams(plan: Plan, channel: Channel) -> list[str]:
    return [route.team for route in plan.routes if route.channel == channel]


def _filled(template: str, lists: dict[str, list[str]]) -> str:
    for name, texts in lists.items():
        template = template.replace(f"@{name}@", _list(texts))
    return template


def _list(texts: Iterable[str]) -> str:
    return json.dumps(list(dict.fromkeys(texts)))
