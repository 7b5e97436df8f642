# Written by `tocsin build` from the catalog: change the declaration, not this file.
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
  paged     = toset(["data", "commerce", "storefront"])
  told      = toset(["data", "commerce", "storefront"])
  receivers = toset(["heartbeat-token", "data-pagerduty-key", "data-slack-url", "commerce-pagerduty-key", "commerce-slack-url", "storefront-pagerduty-key", "storefront-slack-url"])
  services  = toset(["lightspeed-bigquery", "customer-profile", "si-recommendations", "voice-commerce", "video-commerce"])
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
  secret      = google_secret_manager_secret.receiver["heartbeat-token"].id
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
