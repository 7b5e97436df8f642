# Written by `tocsin build` from the catalog: change the declaration, not this file.
terraform {
  required_version = ">= 1.3"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 5.0"
    }
  }
}

variable "project" {
  type        = string
  description = "The project whose logs are kept, and in which they are kept."
}

variable "dataset" {
  type        = string
  description = "The dataset that is made for them."
  default     = "tocsin"
}

variable "location" {
  type        = string
  description = "Where the dataset lies; it cannot be moved."
  default     = "US"
}

variable "retention_days" {
  type        = number
  description = "How long a day's logs are kept."
  default     = 90
}

locals {
  retention_ms = var.retention_days * 24 * 60 * 60 * 1000
  names = {
    project = var.project
    dataset = var.dataset
  }

  filters = {
    "tocsin-logs" = <<-EOT
      (log_id("run.googleapis.com/stdout") OR log_id("run.googleapis.com/stderr") OR log_id("stdout") OR log_id("stderr"))
      AND ((resource.type="cloud_run_revision" AND resource.labels.service_name=("lightspeed-bigquery" OR "customer-profile" OR "si-recommendations" OR "voice-commerce" OR "video-commerce"))
      OR (resource.type="cloud_run_job" AND resource.labels.job_name=("lightspeed-bigquery" OR "customer-profile" OR "si-recommendations" OR "voice-commerce" OR "video-commerce"))
      OR (resource.type="k8s_container" AND resource.labels.container_name=("lightspeed-bigquery" OR "customer-profile" OR "si-recommendations" OR "voice-commerce" OR "video-commerce")))
    EOT
  }

  questions = {
    cost_per_day            = "What the logs cost per day, about: lines, letters, and dollars at Cloud Logging's 0.50 a GiB, over the last 30 days."
    errors_by_minute        = "Errors by service and minute, with the share that they are of all lines, over the last day."
    intents                 = "What customers wanted when they spoke, by hour, with how sure the service was, over the last 7 days."
    job_runs                = "Runs of jobs by day: how many, how many failed, the last success, and the longest in seconds, over the last 30 days."
    latency_by_route        = "Latency by route: requests, the share that failed, and the percentiles in seconds, over the last day."
    request_across_services = "One request across services: ask WHERE trace = '...' for its lines, with the milliseconds since its first."
    slowest_requests        = "The hundred slowest requests of the last day, each with its trace."
    sync_runs               = "Sync runs by hour: how many ended and failed, what they synced and set aside, and the longest, over the last 7 days."
    top_errors              = "The errors that were said most often, counted as one where only numbers and ids differ, over the last 7 days."
  }
}

resource "google_bigquery_dataset" "logs" {
  project                         = var.project
  dataset_id                      = var.dataset
  location                        = var.location
  description                     = "Logs of the catalog's services."
  default_partition_expiration_ms = local.retention_ms
}

resource "google_bigquery_table" "records" {
  project             = var.project
  dataset_id          = google_bigquery_dataset.logs.dataset_id
  table_id            = "records"
  description         = "What `tocsin logs load` brought."
  clustering          = ["service", "severity"]
  schema              = file("${path.module}/schema.json")
  deletion_protection = true

  time_partitioning {
    type          = "DAY"
    field         = "time"
    expiration_ms = local.retention_ms
  }
}

resource "google_bigquery_table" "sink" {
  for_each            = toset(["run_googleapis_com_stdout", "run_googleapis_com_stderr", "stdout", "stderr"])
  project             = var.project
  dataset_id          = google_bigquery_dataset.logs.dataset_id
  table_id            = each.value
  description         = "What Cloud Logging's sink writes."
  schema              = file("${path.module}/sink.json")
  deletion_protection = true

  time_partitioning {
    type          = "DAY"
    field         = "timestamp"
    expiration_ms = local.retention_ms
  }

  lifecycle {
    ignore_changes = [schema] # the sink adds the fields that it sees
  }
}

resource "google_logging_project_sink" "logs" {
  for_each               = local.filters
  project                = var.project
  name                   = each.key
  description            = "What the catalog's services say."
  destination            = "bigquery.googleapis.com/projects/${var.project}/datasets/${var.dataset}"
  filter                 = each.value
  unique_writer_identity = true

  bigquery_options {
    use_partitioned_tables = true
  }

  depends_on = [google_bigquery_table.sink]
}

resource "google_bigquery_dataset_iam_member" "writer" {
  project    = var.project
  dataset_id = google_bigquery_dataset.logs.dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = google_logging_project_sink.logs["tocsin-logs"].writer_identity # all sinks of a project have one writer
}

resource "google_bigquery_table" "logs" {
  project             = var.project
  dataset_id          = google_bigquery_dataset.logs.dataset_id
  table_id            = "logs"
  description         = "Every record, under one name for each column."
  deletion_protection = false

  view {
    query          = templatefile("${path.module}/views/logs.sql", local.names)
    use_legacy_sql = false
  }

  depends_on = [google_bigquery_table.records, google_bigquery_table.sink]
}

resource "google_bigquery_table" "questions" {
  for_each            = local.questions
  project             = var.project
  dataset_id          = google_bigquery_dataset.logs.dataset_id
  table_id            = each.key
  description         = each.value
  deletion_protection = false

  view {
    query          = templatefile("${path.module}/views/${each.key}.sql", local.names)
    use_legacy_sql = false
  }

  depends_on = [google_bigquery_table.logs]
}
