"""The values and manifests for Kubernetes: no mistake in them, and what they promise stands in the pods."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub.kubernetes.check.__main__ import main
from hub.kubernetes.check.chart import spawner_config, with_defaults
from hub.kubernetes.check.files import VALUES, UnreadableError, read
from hub.kubernetes.check.mistakes import mistakes, servers_of
from hub.kubernetes.check.objects import quantity
from hub.kubernetes.check.render import Server, render

from .kubernetes_files import schema, texts


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    return with_defaults(yaml.safe_load(VALUES.read_text()))


@pytest.fixture(scope="module")
def servers(values: dict[str, Any]) -> dict[tuple[str, int], Server]:
    """By profile, and 0 for a learner, 1 for staff, 2 for the grader account."""
    return {(server.profile, len(server.groups)): server for server in servers_of(values)}


def notebook(server: Server) -> dict[str, Any]:
    container: dict[str, Any] = server.pod["spec"]["containers"][0]
    return container


def test_the_files_hold_no_mistake() -> None:
    files = texts()
    assert mistakes(files.pop("values.yaml"), files) == []


def test_the_values_are_what_the_charts_schema_allows() -> None:
    files = texts()
    assert mistakes(files.pop("values.yaml"), files, schema()) == []


def test_every_profile_is_rendered_for_learners_and_for_staff(servers: dict[tuple[str, int], Server]) -> None:
    assert set(servers) == {(profile, kind) for profile in ("cpu", "gpu-share") for kind in (0, 1, 2)}


def test_only_staff_get_the_image_with_the_solutions(servers: dict[tuple[str, int], Server]) -> None:
    for (_, staff), server in servers.items():
        image = notebook(server)["image"]
        assert image.endswith("/instructor:0.1.0" if staff else "/learner:0.1.0")
        assert (server.pod["metadata"]["labels"].get("datakit.example.org/role") == "staff") is bool(staff)


def test_formgrader_s_settings_are_the_grader_accounts_alone(servers: dict[tuple[str, int], Server]) -> None:
    role = {"name": "JUPYTER_CONFIG_PATH", "value": "/etc/datakit/grader"}
    assert {key for key, server in servers.items() if role in notebook(server)["env"]} == {("cpu", 2), ("gpu-share", 2)}


def test_a_learner_who_asks_for_the_staffs_image_gets_the_learners(values: dict[str, Any]) -> None:
    """User options come from whoever starts the server, over the REST API too."""
    (server,) = render(spawner_config(values), ["cpu"], [frozenset({"nbgrader-datakit"})])
    assert notebook(server)["image"].endswith("/learner:0.1.0")
    with pytest.raises(ValueError, match="No such profile"):
        render(spawner_config(values), ["instructor"], [frozenset({"nbgrader-datakit"})])


def test_pods_are_rendered_beside_a_running_event_loop(values: dict[str, Any]) -> None:
    async def in_a_notebook() -> list[Server]:
        return render(spawner_config(values), ["cpu"], [frozenset()])

    (server,) = asyncio.run(in_a_notebook())
    assert server.where == "profile cpu, for a learner"


def test_a_gpu_share_is_one_slice_with_a_cap_on_memory(servers: dict[tuple[str, int], Server]) -> None:
    share, cpu = notebook(servers["gpu-share", 0]), notebook(servers["cpu", 0])
    assert share["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert {"name": "DATAKIT_GPU_SHARE", "value": "0.23"} in share["env"]
    assert "nvidia.com/gpu" not in cpu["resources"]["limits"]
    assert not [variable for variable in cpu["env"] if variable["name"] == "DATAKIT_GPU_SHARE"]
    tolerated = {toleration["key"] for toleration in servers["gpu-share", 0].pod["spec"]["tolerations"]}
    assert tolerated == {"nvidia.com/gpu", "hub.jupyter.org/dedicated", "hub.jupyter.org_dedicated"}


def test_the_data_is_mounted_read_only_and_shared_memory_is_memory(
    servers: dict[tuple[str, int], Server],
) -> None:
    for server in servers.values():
        mounts = {mount["mountPath"]: mount for mount in notebook(server)["volumeMounts"]}
        volumes = {volume["name"]: volume for volume in server.pod["spec"]["volumes"]}
        assert mounts["/data"]["readOnly"] is True
        assert volumes["data"]["persistentVolumeClaim"] == {"claimName": "datakit-data", "readOnly": True}
        assert volumes[mounts["/dev/shm"]["name"]]["emptyDir"] == {"medium": "Memory", "sizeLimit": "1Gi"}


@pytest.mark.parametrize(
    ("text", "value"),
    [("1Gi", 2**30), ("500m", 0.5), ("2", 2), (2.0, 2), ("1.5G", 1.5e9), ("100M", 1e8), ("3k", 3000), ("0.25", 0.25)],
)
def test_a_quantity_has_its_value(text: str, value: float) -> None:
    assert quantity(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["2GB", "4 Gi", "1gi", "", "Gi", "-1", "1Gib", None, True, "1,5G"])
def test_what_kubernetes_does_not_read_is_no_quantity(text: Any) -> None:
    assert quantity(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", "stands there twice"),
        ("a:\n  - b: {c: 1, c: 2}\n", "stands there twice"),
        ("a: [1\n", "isn't YAML"),
        ("- a\n", "holds a list"),
    ],
)
def test_yaml_that_a_loader_would_bend_is_refused(text: str, said: str) -> None:
    with pytest.raises(UnreadableError, match=said):
        read(text, "values.yaml")


def test_the_command_names_each_mistake_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "values.yaml"
    own.write_text(VALUES.read_text().replace("sizeLimit: 1Gi", "sizeLimit: 1GB"))
    assert main([str(own)]) == 1
    said = capsys.readouterr().out
    assert "'1GB'; expected a quantity" in said
    assert "The chart's schema wasn't given" in said
    assert "lines still say REPLACE" in said
    own.unlink()
    assert main([str(own)]) == 2
    assert f"{own} can't be read" in capsys.readouterr().err


def test_dask_takes_the_grading_manifests_words(values: dict[str, Any]) -> None:
    """Click refuses an option that it doesn't know, and so would the pod."""
    from distributed.cli import dask_scheduler, dask_worker

    addresses = []
    for document in read(texts()["grading.yaml"], "grading.yaml"):
        if document["kind"] != "Deployment":
            continue
        for container in document["spec"]["template"]["spec"]["containers"]:
            program, part, *words = [*container["command"], *container.get("args", [])]
            assert program == "dask"
            main = {"scheduler": dask_scheduler.main, "worker": dask_worker.main}[part]
            given = main.make_context(part, words).params
            assert given["dashboard"] is False
            if part == "worker":
                addresses.append(given["scheduler"])
                assert (given["nthreads"], given["n_workers"], given["memory_limit"]) == (1, "1", "0")
                ports = {port["containerPort"] for port in container["ports"]}
                assert ports == {int(given["worker_port"]), int(given["nanny_port"])}
    grader = values["hub"]["config"]["Spawner"]["group_overrides"]["20-grader"]["spawner_override"]
    assert addresses == ["tcp://grading-scheduler:8786"] == [grader["environment"]["DATAKIT_DASK"]]


def test_a_server_knows_the_settings_that_end_it_when_nobody_uses_it(values: dict[str, Any]) -> None:
    from jupyter_server.serverapp import ServerApp
    from jupyter_server.services.kernels.kernelmanager import MappingKernelManager

    classes = {cls.__name__: cls.class_traits(config=True) for cls in (ServerApp, MappingKernelManager)}
    arguments = [
        argument
        for profile in values["singleuser"]["profileList"]
        for argument in profile["kubespawner_override"].get("args", [])
    ]
    assert len(arguments) == 4
    for argument in arguments:
        name, _, setting = argument.removeprefix("--").partition("=")[0].partition(".")
        assert setting in classes[name], argument
