"""Tar shards: written, read, divided, broken. The oracles are the webdataset package and Python's own tarfile."""

from __future__ import annotations

import gzip
import io
import json
import signal
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
import webdataset
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer
from torch.utils.data import DataLoader as TorchLoader
from torchdata.stateful_dataloader import StatefulDataLoader

from datakit import ShardStream, ShardWriter
from datakit.datasets.worker_split import working_as

KEYS = st.from_regex(r"([a-zü]{1,3}/)?[a-z0-9_ü]{1,8}", fullmatch=True).filter(lambda key: not key.startswith("__"))
FIELDS = st.fixed_dictionaries(
    {"cls": st.integers(-5, 5)},
    optional={
        "jpg": st.binary(max_size=1500),
        "seg.txt": st.text(max_size=5),
        # Never a bare str: webdataset's writer puts that down as it is, which is no JSON.
        "json": st.lists(st.integers() | st.text(max_size=3) | st.none(), max_size=3),
        "bin": st.binary(max_size=3),
    },
)
SAMPLES = st.lists(st.tuples(KEYS, FIELDS), min_size=1, max_size=8, unique_by=lambda pair: pair[0]).map(
    lambda pairs: [{"__key__": key, **fields} for key, fields in pairs]
)


def without_url(samples: Any) -> list[dict[str, Any]]:
    return [{name: value for name, value in sample.items() if name != "__url__"} for sample in samples]


def write(folder: Path | str, n: int = 20, maxcount: int = 4, **options: Any) -> list[str]:
    with ShardWriter(f"{folder}/train-%03d.tar", maxcount=maxcount, **options) as writer:
        for i in range(n):
            writer.write({"__key__": f"{i:04}", "cls": i, "jpg": bytes([i]) * 700})
    return writer.shards


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def classes(stream: Any) -> list[int]:
    return [sample["cls"] for sample in stream]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twenty samples in five shards."""
    write(tmp_path)
    return tmp_path


# Written and read


@settings(max_examples=30, deadline=None)
@given(samples=SAMPLES, maxcount=st.integers(1, 9), suffix=st.sampled_from(["tar", "tar.gz"]))
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, samples: list[dict[str, Any]], maxcount: int, suffix: str
) -> None:
    folder = tmp_path_factory.mktemp("shards")
    with ShardWriter(str(folder / f"t-%d.{suffix}"), maxcount) as writer:
        for sample in samples:
            writer.write(sample)
    assert len(writer.shards) == -(-len(samples) // maxcount)
    assert without_url(ShardStream(writer.shards)) == samples
    for url in writer.shards:
        with tarfile.open(url) as tar:
            assert all(member.isreg() for member in tar)


@settings(max_examples=25, deadline=None)
@given(samples=SAMPLES)
def test_webdataset_reads_what_we_write(
    tmp_path_factory: pytest.TempPathFactory, samples: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("ours")
    with ShardWriter(str(folder / "t-%d.tar")) as writer:
        for sample in samples:
            writer.write(sample)
    theirs = webdataset.WebDataset(writer.shards, shardshuffle=False, empty_check=False)
    raw = [
        {name: value for name, value in sample.items() if name not in ("__url__", "__local_path__")}
        for sample in theirs
    ]
    ours = ShardStream(writer.shards, decoders=dict.fromkeys(["cls", "txt", "json"], bytes))
    assert raw == without_url(ours)
    assert [json.loads(sample.get("json", b"0")) for sample in raw] == [sample.get("json", 0) for sample in samples]


@settings(max_examples=25, deadline=None)
@given(samples=SAMPLES)
def test_we_read_what_webdataset_writes(
    tmp_path_factory: pytest.TempPathFactory, samples: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("theirs")
    encoded = [{name: value for name, value in sample.items() if name != "jpg"} for sample in samples]
    with webdataset.ShardWriter(str(folder / "t-%03d.tar"), maxcount=3, verbose=0) as writer:
        for sample in encoded:
            writer.write(sample)
    assert without_url(ShardStream(folder / "t-*.tar")) == encoded


def test_arrays_and_numbers_of_numpy(tmp_path: Path) -> None:
    array = np.arange(6, dtype=np.float16).reshape(2, 3)
    with ShardWriter(str(tmp_path / "%d.tar")) as writer:
        writer.write({"__key__": "a", "npy": array, "id": np.int64(7)})
    (sample,) = ShardStream(writer.shards)
    assert sample["npy"].dtype == np.float16
    assert np.array_equal(sample["npy"], array)
    assert (sample["id"], sample["__url__"]) == (7, str(tmp_path / "0.tar"))


def test_decoders_come_before_the_usual_ones(folder: Path) -> None:
    stream = ShardStream(folder / "train-000.tar", decoders={"jpg": len, "cls": lambda text: int(text) * 10})
    assert [(sample["cls"], sample["jpg"]) for sample in stream] == [(0, 700), (10, 700), (20, 700), (30, 700)]


def test_samples_of_a_stream_can_be_written_again(folder: Path, tmp_path: Path) -> None:
    with ShardWriter(str(tmp_path / "again" / "%d.tar")) as writer:
        for sample in ShardStream(folder / "train-*.tar"):
            writer.write(sample)
    assert classes(ShardStream(writer.shards)) == list(range(20))


def test_the_same_samples_make_the_same_bytes(tmp_path: Path) -> None:
    one, other = write(tmp_path / "a"), write(tmp_path / "b")
    assert [Path(url).read_bytes() for url in one] == [Path(url).read_bytes() for url in other]


def test_a_shard_keeps_to_its_size(tmp_path: Path) -> None:
    with ShardWriter(str(tmp_path / "%d.tar"), maxsize=20_000) as writer:
        for i, size in enumerate([5000, 5000, 5000, 5000, 40_000, 100]):
            writer.write({"__key__": f"{i}", "bin": bytes(size)})
    keys = [[sample["__key__"] for sample in ShardStream(url)] for url in writer.shards]
    assert keys == [["0", "1", "2"], ["3"], ["4"], ["5"]]
    assert [Path(url).stat().st_size <= 20_480 for url in writer.shards] == [True, True, False, True]


def test_folders_links_and_notes_in_a_tar_are_passed_over(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "t.tar", "w") as tar:
        for name in ["x.d", "__meta__.json", "__index__/a.txt", "README", "a.TXT", ".hidden", "b/c.txt"]:
            member = tarfile.TarInfo(name)
            if name == "x.d":
                member.type = tarfile.DIRTYPE
                tar.addfile(member)
                continue
            member.size = 1
            tar.addfile(member, io.BytesIO(b"1"))
    assert without_url(ShardStream(tmp_path / "t.tar")) == [
        {"__key__": "a", "txt": "1"},
        {"__key__": "b/c", "txt": "1"},
    ]


# Other storage


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, Any]]:
    """A server that speaks S3's protocol, on loopback, with one empty bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    options = {"endpoint_url": f"http://{host}:{port}", "key": "k", "secret": "s"}
    client = boto3.client(
        "s3",
        endpoint_url=options["endpoint_url"],
        aws_access_key_id="k",
        aws_secret_access_key="s",
        region_name="us-east-1",
    )
    client.create_bucket(Bucket="bucket")
    yield options
    server.stop()


def test_memory() -> None:
    shards = write("memory://test-shards")
    assert shards[0] == "memory://test-shards/train-000.tar"
    assert classes(ShardStream("memory://test-shards/train-*.tar")) == list(range(20))


def test_an_object_store_read_by_worker_processes(s3: dict[str, Any]) -> None:
    shards = write("s3://bucket/whole", storage_options=s3)
    stream = ShardStream("s3://bucket/whole/train-*.tar", shuffle_buffer=3, storage_options=s3)
    assert stream.urls == shards
    assert Counter(classes(stream)) == Counter(range(20))  # this process has talked to the server when workers start
    loader: TorchLoader[Any] = TorchLoader(stream, batch_size=None, num_workers=2)
    assert Counter(classes(loader)) == Counter(range(20))


def test_an_object_store_without_the_object(s3: dict[str, Any]) -> None:
    with pytest.raises(FileNotFoundError, match=r"ShardStream: there is no file 's3://bucket/none.tar'"):
        list(ShardStream("s3://bucket/none.tar", storage_options=s3))
    with pytest.raises(FileNotFoundError, match=r"ShardStream: no file matches 's3://bucket/none-\*.tar'"):
        ShardStream("s3://bucket/none-*.tar", storage_options=s3)


def test_an_unfinished_upload_is_not_seen(s3: dict[str, Any]) -> None:
    with pytest.raises(KeyboardInterrupt), ShardWriter("s3://bucket/cut/%d.tar", 2, storage_options=s3) as writer:
        for i in range(3):
            writer.write({"__key__": str(i), "cls": i})
        raise KeyboardInterrupt
    assert classes(ShardStream("s3://bucket/cut/*", storage_options=s3)) == [0, 1]


# Readers


@settings(max_examples=25, deadline=None)
@given(ranks=st.integers(1, 3), workers=st.integers(1, 3), buffer=st.integers(0, 12), epoch=st.integers(0, 2))
def test_nothing_is_repeated_and_nothing_is_lost(
    tmp_path_factory: pytest.TempPathFactory, ranks: int, workers: int, buffer: int, epoch: int
) -> None:
    shards = write(tmp_path_factory.mktemp("split"), n=11, maxcount=1)
    parts = []
    for rank in range(ranks):
        stream = ShardStream(shards, shuffle_buffer=buffer, rank=rank, world_size=ranks)
        stream.set_epoch(epoch)
        for worker in range(workers):
            with working_as(worker, workers):
                parts.append(classes(stream))
    assert Counter(chain(*parts)) == Counter(range(11))


def test_each_reader_opens_its_own_shards_only(folder: Path) -> None:
    (folder / "train-001.tar").write_bytes(b"broken")
    stream = ShardStream(folder / "train-*.tar", rank=0, world_size=2)
    assert classes(stream) == [*range(4), *range(8, 12), *range(16, 20)]


def test_fewer_shards_than_readers_is_refused(folder: Path) -> None:
    stream = ShardStream(folder / "train-*.tar", rank=0, world_size=2)
    words = r"ShardStream: there are 5 shards for 6 readers \(world_size=2 × 3 workers\).* write at least 6 shards"
    with pytest.raises(ValueError, match=words):
        list(TorchLoader(stream, batch_size=None, num_workers=3))
    with pytest.raises(ValueError, match=r"there are 5 shards for 6 readers \(world_size=6 × 1 workers\)"):
        list(ShardStream(folder / "train-*.tar", rank=0, world_size=6))


def test_order_differs_by_epoch_and_seed(folder: Path) -> None:
    def order(epoch: int, seed: int) -> list[int]:
        stream = ShardStream(folder / "train-*.tar", shuffle_buffer=6, seed=seed)
        stream.set_epoch(epoch)
        return classes(stream)

    assert order(0, 0) == order(0, 0)
    assert len({tuple(order(epoch, seed)) for epoch in range(3) for seed in range(3)}) == 9
    assert Counter(order(1, 2)) == Counter(range(20))


@pytest.mark.parametrize("taken", [0, 3, 20])
def test_a_loop_goes_on_where_another_stood_and_decodes_nothing_twice(folder: Path, taken: int) -> None:
    decoded: list[bytes] = []
    stream = ShardStream(
        folder / "train-*.tar", shuffle_buffer=6, decoders={"jpg": lambda content: decoded.append(content)}
    )
    first = iter(stream)
    for _ in range(taken):
        next(first)
    state = first.state_dict()
    rest = classes(first)
    decoded.clear()
    second = iter(stream)
    second.load_state_dict(state)
    assert classes(second) == rest
    assert len(decoded) == 20 - taken


def test_torchdatas_stateful_loader_resumes_in_mid_epoch(folder: Path) -> None:
    def loader() -> StatefulDataLoader[Any]:
        stream = ShardStream(folder / "train-*.tar", shuffle_buffer=5)
        return StatefulDataLoader(stream, batch_size=None, num_workers=2)

    whole = classes(loader())
    first = loader()
    batches = iter(first)
    start = [next(batches)["cls"] for _ in range(7)]
    state = first.state_dict()
    del batches
    second = loader()
    second.load_state_dict(state)
    assert start + classes(second) == whole


# Broken shards


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_shard_cut_anywhere_is_noticed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("cut")
    (shard,) = write(folder, n=4)
    content = Path(shard).read_bytes()
    members = 4 * (512 + 1024 + 512 + 512)
    # At least the block of zeros that ends the tar must be gone: what follows it is padding.
    cut = data.draw(st.integers(0, members) | st.integers(0, members // 512).map(lambda n: n * 512))
    Path(shard).write_bytes(content[:cut])
    seen = []
    with pytest.raises(
        ValueError, match=r"ShardStream: .*train-000.tar is cut short or corrupt at byte \d+: "
    ) as caught:
        for sample in ShardStream(shard):
            seen.append(sample["cls"])
    assert seen == list(range(len(seen)))
    assert len(seen) <= cut // 2560
    assert int(str(caught.value).split("at byte ")[1].split(":")[0]) <= -(-cut // 512) * 512


@pytest.mark.parametrize("member", range(4))
def test_a_broken_header_is_noticed_where_tarfile_and_webdataset_stop_silently(tmp_path: Path, member: int) -> None:
    (shard,) = write(tmp_path, n=4)
    content = bytearray(Path(shard).read_bytes())
    content[member * 2560 + 20] ^= 0xFF
    Path(shard).write_bytes(content)
    with pytest.raises(
        ValueError, match=rf"train-000.tar is cut short or corrupt at byte {member * 2560}: .*bad checksum"
    ):
        list(ShardStream(shard))
    if member:
        theirs = list(webdataset.WebDataset([shard], shardshuffle=False))
        assert len(theirs) == member


def test_tars_glued_together_are_refused(tmp_path: Path) -> None:
    one, other = write(tmp_path, n=2, maxcount=1)
    Path(one).write_bytes(Path(one).read_bytes() + Path(other).read_bytes())
    with pytest.raises(
        ValueError, match=r"train-000.tar is .* corrupt at byte \d+: more data follows the end of the tar"
    ):
        list(ShardStream(one))


def test_a_compressed_shard_cut_short_is_noticed(tmp_path: Path) -> None:
    (shard,) = write(tmp_path, n=4)
    packed = gzip.compress(Path(shard).read_bytes())
    (tmp_path / "t.tar.gz").write_bytes(packed[:-20])
    with pytest.raises(ValueError, match=r"t.tar.gz is cut short or corrupt at byte \d+: .*end-of-stream"):
        list(ShardStream(tmp_path / "t.tar.gz"))
    (tmp_path / "t.tar.gz").write_bytes(b"no gzip")
    with pytest.raises(ValueError, match=r"t.tar.gz is cut short or corrupt at byte 0: Not a gzipped file"):
        list(ShardStream(tmp_path / "t.tar.gz"))


@pytest.mark.parametrize(
    ("members", "words"),
    [
        (["README"], r"t.tar holds no sample. Its files must be named key.extension"),
        ([], r"t.tar holds no sample"),
        (["a.txt", "a.txt"], r"t.tar has field 'txt' of sample 'a' twice. Give each sample its own key"),
        (["a.cls"], r"field 'cls' of sample 'a' in .*t.tar can't be decoded: invalid literal.* pass a decoder"),
        (["a.json"], r"field 'json' of sample 'a' in .*t.tar can't be decoded"),
        (["a.npy"], r"field 'npy' of sample 'a' in .*t.tar can't be decoded"),
    ],
)
def test_odd_contents_are_refused(tmp_path: Path, members: list[str], words: str) -> None:
    with tarfile.open(tmp_path / "t.tar", "w") as tar:
        for name in members:
            member = tarfile.TarInfo(name)
            member.size = 3
            tar.addfile(member, io.BytesIO(b"x y"))
    with pytest.raises(ValueError, match=f"ShardStream: .*{words}"):
        list(ShardStream(tmp_path / "t.tar"))


def test_pickled_objects_are_never_loaded(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with ShardWriter(str(tmp_path / "%d.tar")) as writer:
        writer.write({"__key__": "a", "npy": buffer.getvalue()})
    with pytest.raises(
        ValueError, match=r"field 'npy' of sample 'a' .* can't be decoded: Object arrays cannot be loaded"
    ):
        list(ShardStream(writer.shards))


# The writer's promises

KILLED = """
import os, signal, sys
from datakit import ShardWriter
with ShardWriter(sys.argv[1], maxcount=4) as writer:
    for i in range(10):
        writer.write({"__key__": str(i), "cls": i, "bin": bytes(100_000)})
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_writer_leaves_whole_shards_only(tmp_path: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "t-%d.tar")], timeout=120)
    assert ran.returncode == -signal.SIGKILL
    whole, part = names(tmp_path)[:2], names(tmp_path)[2:]
    assert whole == ["t-0.tar", "t-1.tar"]
    assert [name.endswith(".part") for name in part] == [True]
    assert (tmp_path / part[0]).stat().st_size > 0
    assert classes(ShardStream(tmp_path / "*.tar")) == list(range(8))


def test_an_exception_drops_the_shard_in_progress(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), ShardWriter(str(tmp_path / "t-%d.tar"), 2) as writer:
        for i in range(3):
            writer.write({"__key__": str(i), "cls": 1 // (2 - i) if i < 2 else i // 0})
    assert names(tmp_path) == ["t-0.tar"]
    assert writer.shards == [str(tmp_path / "t-0.tar")]


def test_a_shard_has_no_name_before_it_is_whole(tmp_path: Path) -> None:
    with ShardWriter(str(tmp_path / "t-%d.tar")) as writer:
        writer.write({"__key__": "a", "cls": 0})
        assert not (tmp_path / "t-0.tar").exists()
    assert names(tmp_path) == ["t-0.tar"]


def test_a_forgotten_close_is_told(tmp_path: Path) -> None:
    writer = ShardWriter(str(tmp_path / "t-%d.tar"))
    writer.write({"__key__": "a", "cls": 0})
    with pytest.warns(
        RuntimeWarning, match=r"never closed, so the 1 samples of .*t-0.tar are lost. Write inside a with"
    ):
        del writer
    assert names(tmp_path) == []


def test_existing_shards_are_not_overwritten(folder: Path) -> None:
    with pytest.raises(FileExistsError, match=r"ShardWriter: .*train-000.tar is already there. Delete it, or write to"):
        write(folder)


@pytest.mark.parametrize(
    ("sample", "kind", "words"),
    [
        ({"cls": 1}, ValueError, "__key__=None arrived. A sample's key is a non-empty str"),
        ({"__key__": "", "cls": 1}, ValueError, "__key__='' arrived"),
        ({"__key__": "a.b", "cls": 1}, ValueError, "__key__='a.b' arrived. .* without a dot in its last part"),
        ({"__key__": "/a", "cls": 1}, ValueError, "__key__='/a' arrived"),
        ({"__key__": "__a__/b", "cls": 1}, ValueError, "__key__='__a__/b' arrived"),
        ({"__key__": 5, "cls": 1}, ValueError, "__key__=5 arrived"),
        ({"__key__": "a"}, ValueError, "sample 'a' has no field. Add at least one"),
        ({"__key__": "a", "JPG": b""}, ValueError, "sample 'a' has a field 'JPG'. .* in lower case"),
        ({"__key__": "a", "x/y": b""}, ValueError, "sample 'a' has a field 'x/y'. .* without a slash"),
        ({"__key__": "a", "_x": b""}, ValueError, "sample 'a' has a field '_x'"),
        (
            {"__key__": "a", "jpg": 3},
            TypeError,
            "field 'jpg' of sample 'a' is an int, and bytes are expected. Encode it",
        ),
        ({"__key__": "a", "cls": "3"}, TypeError, "field 'cls' of sample 'a' is a str, and bytes are expected"),
        ({"__key__": "a", "json": {1, 2}}, TypeError, "field 'json' of sample 'a' can't be written: .*not JSON"),
        ({"__key__": "a", "npy": np.array([object()])}, ValueError, "field 'npy' of sample 'a' can't be written"),
        ({"__key__": "first", "cls": 1}, ValueError, "two samples have the key 'first'"),
    ],
)
def test_bad_samples_are_refused(tmp_path: Path, sample: dict[str, Any], kind: type[Exception], words: str) -> None:
    with ShardWriter(str(tmp_path / "%d.tar")) as writer:
        writer.write({"__key__": "first", "cls": 1})
        with pytest.raises(kind, match=f"ShardWriter: {words}"):
            writer.write(sample)
    assert len(list(ShardStream(writer.shards))) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"pattern": "train.tar"}, "the pattern 'train.tar' has no place for the shard's number"),
        ({"pattern": "%d-%d.tar"}, "the pattern '%d-%d.tar' has no place"),
        ({"pattern": "%z.tar"}, "the pattern '%z.tar' has no place"),
        ({"maxcount": 0}, "maxcount must be a positive integer; 0 arrived"),
        ({"maxsize": -1}, "maxsize must be a positive integer; -1 arrived"),
    ],
)
def test_bad_arguments_are_refused(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=f"ShardWriter: {words}"):
        ShardWriter(**{"pattern": "%d.tar", **arguments})
