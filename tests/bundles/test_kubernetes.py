"""What is written for Kubernetes: judged by its API's schemas, promtool and amtool, and by a posture of its own."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tocsin import source, targets
from tocsin.bundles import images, kubernetes
from tocsin.bundles.kubernetes import cluster, objects
from tocsin.derive import Plan, derive
from tocsin.targets import Site

OPERATOR = json.loads((Path(__file__).parent / "schemas" / "operator.json").read_text())
DISCOVERY = json.loads((Path(__file__).parent / "schemas" / "discovery.json").read_text())
APPLIED = 262_144  # what all annotations of an object may have
IN_ORDER = ("prometheus.yaml", "grafana.yaml", "alerts.yaml", "alertmanager.yaml")

Run = Callable[..., subprocess.CompletedProcess[str]]
Object = dict[str, Any]
Documents = dict[str, list[Object]]


@pytest.fixture(scope="module")
def plan() -> Plan:
    return derive(source.load_catalog())


@pytest.fixture(scope="module")
def texts(plan: Plan) -> dict[str, str]:
    return packed(plan)


@pytest.fixture(scope="module")
def written(texts: dict[str, str]) -> Documents:
    return {path: list(yaml.safe_load_all(text)) for path, text in texts.items()}


@pytest.fixture(scope="module")
def stack(written: Documents) -> list[Object]:
    return [each for path in IN_ORDER for each in written[path]]


def packed(plan: Plan, heartbeat: str = "", prometheus: str = "prometheus:9090") -> dict[str, str]:
    """Return what is written, where these are the addresses."""

    def spelled(site: Site) -> dict[str, str]:
        rendered = (targets.prometheus, targets.alertmanager, targets.blackbox, targets.grafana)
        there = replace(site, heartbeat=heartbeat, prometheus=prometheus)
        return {each.path: each.text for target in rendered for each in target.render(plan, there)}

    return {each.path: each.text for each in kubernetes.pack(plan, spelled)}


def judge(thing: Object) -> None:
    """Judge an object by the schema of its kind; a kind that has none is an error."""
    if thing["apiVersion"].startswith("monitoring.coreos.com/"):
        jsonschema.validate(thing, OPERATOR)
    else:
        kubernetes_validate.validate(thing, kubernetes_validate.latest_version(), strict=True)


def of(things: list[Object], kind: str, name: str = "") -> Iterator[Object]:
    return (each for each in things if each["kind"] == kind and name in {"", each["metadata"]["name"]})


def templates(things: list[Object]) -> list[Object]:
    return [each["spec"]["template"] for each in things if each["kind"] in {"Deployment", "StatefulSet"}]


def pods(things: list[Object]) -> list[Object]:
    """Return the pods' specs."""
    return [each["spec"] for each in templates(things)]


def containers(things: list[Object]) -> list[Object]:
    return [each for pod in pods(things) for each in (*pod["containers"], *pod.get("initContainers", ()))]


def data(things: list[Object], prefix: str) -> dict[str, str]:
    maps = (each for each in of(things, "ConfigMap") if each["metadata"]["name"].startswith(prefix))
    return {name: text for each in maps for name, text in each["data"].items()}


def laid(things: list[Object], folder: Path) -> Path:
    """Lay configuration and rules as they are mounted, and return the configuration."""
    for name, text in data(things, "prometheus-").items():
        (folder / name).write_text(text)
    return folder / "prometheus.yml"


def test_every_object_is_one_that_the_api_takes(written: Documents) -> None:
    assert set(IN_ORDER) < set(written)
    for things in written.values():
        for thing in things:
            judge(thing)


def test_what_the_api_does_not_know_is_refused(written: Documents) -> None:
    (stateful,) = of(written["prometheus.yaml"], "StatefulSet")
    monitor, rule = written["operator/customer-profile.yaml"]
    with pytest.raises(kubernetes_validate.utils.SchemaNotFoundError):
        judge(stateful | {"kind": "StatefulSets"})
    with pytest.raises(kubernetes_validate.ValidationError):
        judge(stateful | {"spec": stateful["spec"] | {"replica": 1}})
    for spoilt in (
        rule | {"kind": "PrometheusRules"},
        rule | {"spec": {"groups": [{"name": "one", "rules": [{"expr": "up"}]}]}},
        monitor | {"spec": monitor["spec"] | {"endpoints": []}},
        monitor | {"spec": {name: value for name, value in monitor["spec"].items() if name != "selector"}},
    ):
        with pytest.raises(jsonschema.ValidationError):
            judge(spoilt)


def test_each_file_can_be_applied_first_and_again(written: Documents) -> None:
    namespaces = [written[path][0] for path in IN_ORDER]
    assert namespaces == [namespaces[0]] * len(IN_ORDER)
    assert namespaces[0]["kind"] == "Namespace"
    names = [
        (each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"])
        for path in IN_ORDER
        for each in written[path][1:]
    ]
    assert len(names) == len(set(names))
    assert all("generateName" not in each["metadata"] for path in IN_ORDER for each in written[path])


def test_prometheus_starts_without_the_rules_that_are_applied_last(written: Documents) -> None:
    (pod,) = pods([*of(written["prometheus.yaml"], "StatefulSet")])
    (volume,) = pod["volumes"]
    sources = [each["configMap"] for each in volume["projected"]["sources"]]
    later = {each["name"] for each in sources if each.get("optional")}
    assert later == {each["metadata"]["name"] for each in of(written["alerts.yaml"], "ConfigMap")}
    assert [each["name"] for each in sources if each["name"] not in later] == ["prometheus-config"]


def test_no_secret_is_written_and_each_that_is_needed_is_named_on_top(
    plan: Plan, texts: dict[str, str], written: Documents
) -> None:
    assert all(each["kind"] != "Secret" for things in written.values() for each in things)
    for path in IN_ORDER:
        top = texts[path].partition("apiVersion")[0]
        for pod in pods(written[path]):
            for volume in pod["volumes"]:
                assert volume.get("secret", {}).get("secretName", "") in top
    named = texts["alertmanager.yaml"].partition("apiVersion")[0].splitlines()
    assert {route.secret for route in plan.routes} == {line[4:] for line in named if line.startswith("# - ")}


def test_no_config_map_is_too_large_for_kubectl_apply(stack: list[Object]) -> None:
    sizes = [len(json.dumps(each).encode()) for each in of(stack, "ConfigMap")]
    assert max(sizes) < APPLIED


@given(st.dictionaries(st.text(min_size=1), st.integers(0, 2 * objects.ROOM)))
def test_texts_are_split_among_config_maps_without_loss(sizes: dict[str, int]) -> None:
    texts = {name: "x" * size for name, size in sizes.items()}
    maps = list(objects.filled(texts))
    assert {name: text for each in maps for name, text in each.items()} == texts
    assert sum(map(len, maps)) == len(texts)
    assert all(len(each) == 1 or len(json.dumps(each).encode()) <= objects.ROOM for each in maps)


def test_promtool_accepts_the_configuration_and_the_rules_as_they_are_mounted(
    plan: Plan, stack: list[Object], tmp_path: Path, run_tool: Run
) -> None:
    path = laid(stack, tmp_path)
    said = run_tool("promtool", "check", "config", path)
    if "field kubernetes_sd_configs not found" in said.stderr:  # Debian builds it without any cloud's discovery
        written = yaml.safe_load(path.read_text())
        written["scrape_configs"] = [discovered(each) for each in written["scrape_configs"]]
        path.write_text(yaml.safe_dump(written))
        said = run_tool("promtool", "check", "config", path)
    assert said.returncode == 0, said.stdout + said.stderr
    assert said.stdout.count("rules found") == len(plan.catalog.services) + 1


def test_discovery_is_one_that_prometheus_documents(plan: Plan, stack: list[Object]) -> None:
    (text,) = data(stack, "prometheus-config").values()
    found = [each for job in yaml.safe_load(text)["scrape_configs"] for each in job.get("kubernetes_sd_configs", ())]
    assert len(found) == len(plan.catalog.services)
    for each in found:
        jsonschema.validate(each, DISCOVERY)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found[0] | {"namespace": "default"}, DISCOVERY)


def test_amtool_accepts_the_routes_as_they_are_mounted(stack: list[Object], tmp_path: Path, run_tool: Run) -> None:
    (text,) = data(stack, "alertmanager-config").values()
    path = tmp_path / "alertmanager.yml"
    path.write_text(text)
    said = run_tool("amtool", "check-config", path)
    assert said.returncode == 0, said.stdout + said.stderr


POD = {
    "__meta_kubernetes_namespace": "default",
    "__meta_kubernetes_pod_name": "shop-7d9f-x2",
    "__meta_kubernetes_pod_ip": "10.4.0.7",
    "__meta_kubernetes_pod_phase": "Running",
    "__meta_kubernetes_pod_container_name": "app",
}


def discovered(scrape: Object, *pods: dict[str, str]) -> Object:
    """Return a job that finds *pods* in the place of what Kubernetes would say."""
    if "kubernetes_sd_configs" not in scrape:
        return scrape
    found = [{"targets": [pod["__address__"]], "labels": dict(pod)} for pod in pods]
    rest = {name: value for name, value in scrape.items() if name != "kubernetes_sd_configs"}
    return rest | {"static_configs": found}


def labels(run_tool: Run, folder: Path, job: Object) -> list[dict[str, str]]:
    """Return the labels that Prometheus's own relabelling gives the targets of *job*."""
    config = folder / "prometheus.yml"
    config.write_text(yaml.safe_dump({"scrape_configs": [job]}))
    said = run_tool("promtool", "check", "service-discovery", "--timeout=1s", config, job["job_name"])
    assert said.returncode == 0, said.stdout + said.stderr
    return [each["labels"] for each in json.loads(said.stdout[said.stdout.index("[") :]) if each["labels"]]


def told(target: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in target.items() if not name.startswith("__") and name != "instance"}


def test_a_discovered_pod_has_the_labels_of_a_static_target_and_is_named_by_its_pod(
    plan: Plan, stack: list[Object], tmp_path: Path, run_tool: Run
) -> None:
    (text,) = data(stack, "prometheus-config").values()
    scrapes = {each["job_name"]: each for each in yaml.safe_load(text)["scrape_configs"]}
    (plain,) = (each for each in targets.prometheus.render(plan, targets.PRODUCTION) if each.path.endswith(".yml"))
    static = {each["job_name"]: each for each in yaml.safe_load(plain.text)["scrape_configs"]}
    assert scrapes.keys() == static.keys()
    service = plan.catalog.services[0]
    (selector,) = scrapes[service.name]["kubernetes_sd_configs"][0]["selectors"]
    assert selector == {"role": "pod", "label": f"app.kubernetes.io/name={service.name}"}
    job = discovered(
        scrapes[service.name],
        POD | {"__address__": "10.4.0.7:9999"},
        POD | {"__address__": "10.4.0.8", "__meta_kubernetes_pod_ip": "10.4.0.8", "__meta_kubernetes_pod_name": "b"},
        POD | {"__address__": "[fd00::7]", "__meta_kubernetes_pod_ip": "fd00::7", "__meta_kubernetes_pod_name": "c"},
        POD | {"__address__": "10.4.0.9", "__meta_kubernetes_pod_phase": "Succeeded"},
    )
    found = labels(run_tool, tmp_path, job)
    (wanted,) = labels(run_tool, tmp_path, static[service.name])
    port = service.port
    assert [told(each) for each in found] == [told(wanted)] * 3
    assert {each["__address__"]: each["instance"] for each in found} == {
        f"10.4.0.7:{port}": f"shop-7d9f-x2:{port}",
        f"10.4.0.8:{port}": f"b:{port}",
        f"[fd00::7]:{port}": f"c:{port}",
    }
    assert told(wanted) == dict(service.target)


def test_every_service_is_discovered_alike(plan: Plan, stack: list[Object]) -> None:
    (text,) = data(stack, "prometheus-config").values()
    scrapes = {each["job_name"]: each for each in yaml.safe_load(text)["scrape_configs"]}
    for service in plan.catalog.services:
        constant = {
            each["target_label"]: each["replacement"]
            for each in scrapes[service.name]["relabel_configs"]
            if "source_labels" not in each
        }
        assert {"job": service.name, **constant} == dict(service.target)


def test_services_are_found_in_another_namespace_by_the_command_of_the_page(texts: dict[str, str]) -> None:
    page = (source.project_root() / "docs" / "targets.md").read_text()
    (script,) = re.findall(r"sed '(\S+)' monitoring/prometheus.yaml \| kubectl apply", page)
    said = subprocess.run(["sed", script], input=texts["prometheus.yaml"], capture_output=True, text=True, check=True)
    moved = list(yaml.safe_load_all(said.stdout))
    assert "default" not in re.findall(r"\w+", said.stdout)
    assert {each["metadata"]["namespace"] for each in (*of(moved, "Role"), *of(moved, "RoleBinding"))} == {"shop"}
    (text,) = data(moved, "prometheus-config").values()
    found = [each for job in yaml.safe_load(text)["scrape_configs"] for each in job.get("kubernetes_sd_configs", ())]
    assert {name for each in found for name in each["namespaces"]["names"]} == {"shop"}
    (policy,) = of(moved, "NetworkPolicy", "prometheus")
    assert "'kubernetes.io/metadata.name': 'shop'" in str(policy)


def test_every_pod_is_as_little_as_it_can_be(stack: list[Object]) -> None:
    assert len(pods(stack)) == 4
    for pod in pods(stack):
        context = pod["securityContext"]
        assert context["runAsNonRoot"]
        assert context["runAsUser"] > 0
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not any(pod.get(name) for name in ("hostNetwork", "hostPID", "hostIPC"))
        assert all("hostPath" not in volume for volume in pod["volumes"])
        assert pod["automountServiceAccountToken"] == ("serviceAccountName" in pod)


def test_every_container_is_locked_has_resources_and_is_asked_how_it_is(stack: list[Object]) -> None:
    for each in containers(stack):
        assert each["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert each["resources"]["requests"].keys() == {"cpu", "memory"}
        assert "memory" in each["resources"]["limits"]
        assert {"startupProbe", "readinessProbe", "livenessProbe"} <= each.keys()
        assert each["image"] in {images.PROMETHEUS, images.ALERTMANAGER, images.BLACKBOX_EXPORTER, images.GRAFANA}


def test_every_mount_has_a_volume_and_every_volume_a_mount(stack: list[Object]) -> None:
    for each in (*of(stack, "Deployment"), *of(stack, "StatefulSet")):
        pod = each["spec"]["template"]["spec"]
        claims = [claim["metadata"]["name"] for claim in each["spec"].get("volumeClaimTemplates", ())]
        mounted = [mount["name"] for one in pod["containers"] for mount in one["volumeMounts"]]
        assert sorted(mounted) == sorted([*claims, *(volume["name"] for volume in pod["volumes"])])


def test_every_board_lies_where_grafana_looks_for_it(plan: Plan, stack: list[Object]) -> None:
    (pod,) = pods([*of(stack, "Deployment", "grafana")])
    folders = {mount["name"]: mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"]}
    maps = {each["metadata"]["name"]: each["data"] for each in of(stack, "ConfigMap")}
    lying = {
        f"{folders[volume['name']]}/{name}": json.loads(text)
        for volume in pod["volumes"]
        if "projected" in volume
        for each in volume["projected"]["sources"]
        for name, text in maps[each["configMap"]["name"]].items()
    }
    rendered = targets.grafana.render(plan, targets.PRODUCTION)
    assert lying == {
        f"/etc/{each.path}": json.loads(each.text) for each in rendered if each.path.startswith("grafana/dashboards/")
    }


def test_prometheus_may_see_pods_where_the_services_are_and_nothing_else(stack: list[Object]) -> None:
    (role,) = of(stack, "Role")
    assert (role["metadata"]["namespace"], role["rules"]) == (
        cluster.SERVICES,
        [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list", "watch"]}],
    )
    (binding,) = of(stack, "RoleBinding")
    assert binding["roleRef"]["name"] == role["metadata"]["name"]
    assert [*of(stack, "ClusterRole")] == []


def test_every_workload_has_a_policy_in_both_directions_and_every_cluster_a_budget(stack: list[Object]) -> None:
    workloads = [*of(stack, "Deployment"), *of(stack, "StatefulSet")]
    policies = {each["metadata"]["name"]: each["spec"] for each in of(stack, "NetworkPolicy")}
    budgets = {each["metadata"]["name"]: each["spec"] for each in of(stack, "PodDisruptionBudget")}
    for each in workloads:
        name, selected = each["metadata"]["name"], each["spec"]["selector"]
        assert policies[name]["policyTypes"] == ["Ingress", "Egress"]
        assert policies[name]["podSelector"] == selected
        assert (name in budgets) == (each["spec"]["replicas"] > 1)
    (together,) = (each for each in workloads if each["spec"]["replicas"] > 1)
    assert budgets[together["metadata"]["name"]]["selector"] == together["spec"]["selector"]


def test_what_a_program_reads_only_at_its_start_replaces_its_pods(plan: Plan, written: Documents) -> None:
    moved = packed(plan, heartbeat="https://elsewhere.example", prometheus="elsewhere:9090")
    for path, replaced in (("alertmanager.yaml", True), ("grafana.yaml", True), ("prometheus.yaml", False)):
        things = list(yaml.safe_load_all(moved[path]))
        assert things != written[path]
        assert (templates(things) != templates(written[path])) == replaced
    assert any("auto-reload-config" in each for each in containers(written["prometheus.yaml"])[0]["args"])


def test_the_operators_rules_and_targets_are_those_of_prometheus(plan: Plan, written: Documents) -> None:
    rules = data(written["alerts.yaml"], "prometheus-rules")
    services = {service.name: service for service in plan.catalog.services}
    for name, text in rules.items():
        *monitors, rule = written[f"operator/{name}"]
        groups = [{**group, "interval": plan.evaluation_interval} for group in yaml.safe_load(text)["groups"]]
        assert rule["spec"] == {"groups": groups}
        assert all(each["metadata"]["labels"].items() >= cluster.SELECTED.items() for each in (*monitors, rule))
        owner = name.removesuffix(".yaml")
        assert [each["kind"] for each in monitors if each["kind"] != "Probe"] == ["PodMonitor"] * (owner in services)
        for monitor in of(monitors, "PodMonitor"):
            (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
            assert {each["targetLabel"]: each["replacement"] for each in endpoint["relabelings"]} == dict(
                services[owner].target
            )


def test_a_public_url_is_asked_by_the_exporter_that_is_applied_with_prometheus(
    plan: Plan, stack: list[Object], written: Documents
) -> None:
    (service,) = (each for each in plan.catalog.services if each.public_url)
    (text,) = data(stack, "prometheus-config").values()
    (job,) = (each for each in yaml.safe_load(text)["scrape_configs"] if each["job_name"] == service.probe)
    (exporter,) = of(stack, "Service", "blackbox")
    address = {each["replacement"] for each in job["relabel_configs"] if each["target_label"] == "__address__"}
    assert address == {f"{exporter['metadata']['name']}:{exporter['spec']['ports'][0]['port']}"}
    (probe,) = of(written[f"operator/{service.name}.yaml"], "Probe")
    assert (probe["spec"]["jobName"], [probe["spec"]["module"]]) == (service.probe, job["params"]["module"])
    assert probe["spec"]["targets"]["staticConfig"]["static"] == job["static_configs"][0]["targets"]
    assert probe["spec"]["prober"]["url"] == f"blackbox.{cluster.MONITORING}:9115"
    (again,) = of(written["operator/blackbox.yaml"], "Service", "blackbox")
    assert again == exporter


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="there is no kubectl")
@pytest.mark.parametrize("path", IN_ORDER)
def test_kubectl_reads_every_file(texts: dict[str, str], tmp_path: Path, path: str) -> None:
    (tmp_path / path).write_text(texts[path])
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump({"resources": [path]}))
    said = subprocess.run(["kubectl", "kustomize", tmp_path], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert by_name(said.stdout) == by_name(texts[path])


def by_name(text: str) -> dict[tuple[str, str], Object]:
    return {(each["kind"], each["metadata"]["name"]): each for each in yaml.safe_load_all(text)}
