"""One process or many: what changes when ``torchrun`` starts the training.

Without ``torchrun`` there is one process, and each function here does the plain thing.
"""

import os

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel


def join() -> None:
    """Find the other processes, if ``torchrun`` started this one."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1 and not distributed.is_initialized():
        if torch.cuda.is_available():
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")


def leave() -> None:
    """Say goodbye to the others."""
    if distributed.is_initialized():
        distributed.destroy_process_group()


def rank_and_size() -> tuple[int, int]:
    """Number of this process, and how many there are."""
    if not distributed.is_initialized():
        return 0, 1
    return distributed.get_rank(), distributed.get_world_size()


def is_first() -> bool:
    """Whether this is the process that writes files and prints."""
    return rank_and_size()[0] == 0


def device() -> torch.device:
    """Choose the process's GPU, or the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def share(network: nn.Module, batch: int) -> tuple[nn.Module, list[int]]:
    """Wrap the network so that gradients are averaged, and say which samples are ours.

    Raises
    ------
    ValueError
        If the batch cannot be divided evenly.
    """
    rank, size = rank_and_size()
    if batch % size:
        raise ValueError(
            f"a batch of {batch} cannot be shared evenly by {size} processes; "
            f"start a number of processes that divides it"
        )
    if size > 1:
        network = DistributedDataParallel(network)
    return network, list(range(rank, batch, size))


def mean(value: float) -> float:
    """Mean of a number over all processes."""
    if not distributed.is_initialized():
        return value
    total = torch.tensor(value, dtype=torch.float64, device=device())
    distributed.all_reduce(total)
    return total.item() / distributed.get_world_size()
