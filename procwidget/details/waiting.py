"""Says in words what a process waits for in the kernel, from its /proc/PID/wchan: the name of a kernel function. Pure.

The names are those of the kernel's sources, of versions 5.4 to 6.18; what is not known here is said as the kernel does.
"""

from __future__ import annotations

import re

_WORDS = {
    "a child to end": ("do_wait", "kernel_wait4", "wait4"),
    "a child that it has just started (vfork)": ("kernel_clone", "_do_fork", "wait_for_vfork_done"),
    "a lock or another thread": ("futex_wait_queue", "futex_wait_queue_me", "futex_do_wait", "futex_wait_requeue_pi"),
    "events": ("ep_poll", "do_epoll_wait", "poll_schedule_timeout", "do_sys_poll", "do_select", "io_cqring_wait"),
    "its timer: it sleeps": ("hrtimer_nanosleep", "do_nanosleep", "common_nsleep", "msleep"),
    "a signal": ("sigsuspend", "do_sigtimedwait", "sys_pause", "__do_sys_pause", "signalfd_dequeue", "signalfd_read"),
    "another process to write into a pipe": (
        "pipe_read",
        "anon_pipe_read",
        "pipe_wait",
        "fifo_open",
        "wait_for_partner",
    ),
    "another process to read from a pipe": ("pipe_write", "anon_pipe_write"),
    "data from a socket": (
        *("sk_wait_data", "unix_stream_read_generic", "unix_stream_data_wait", "tcp_recvmsg_locked"),
        *("skb_recv_datagram", "__skb_wait_for_more_packets", "wait_for_more_packets", "netlink_recvmsg"),
    ),
    "room to send into a socket": ("sock_alloc_send_pskb", "sk_stream_wait_memory", "sock_wait_for_wmem"),
    "a connection from a client": ("inet_csk_accept", "inet_csk_wait_for_connect", "unix_accept"),
    "a connection to a server": ("inet_stream_connect", "inet_wait_for_connect"),
    "input from a terminal": ("n_tty_read", "wait_woken"),
    "a disk": (
        *("io_schedule", "folio_wait_bit_common", "folio_wait_bit", "wait_on_page_bit", "wait_on_page_bit_common"),
        *("blk_io_schedule", "blk_mq_get_tag", "rq_qos_wait", "wbt_wait", "submit_bio_wait", "wait_on_buffer"),
        *("balance_dirty_pages", "do_blockdev_direct_IO", "iomap_dio_rw", "__iomap_dio_rw", "bit_wait_io"),
    ),
    "the journal of a file system": ("jbd2_log_wait_commit", "wait_transaction_locked", "xlog_wait_on_iclog"),
    "a network file system (NFS)": (
        "rpc_wait_bit_killable",
        "nfs_wait_bit_killable",
        "nfs4_delay",
        "rpc_wait_for_completion_task",
    ),
    "a network file system (SMB)": ("wait_for_response", "cifs_wait_mtu_credits"),
    "a file system that a program serves (FUSE)": ("request_wait_answer", "fuse_wait_on_page_writeback"),
    "a lock on a file": ("flock_lock_inode_wait", "posix_lock_inode_wait", "locks_lock_inode_wait"),
    "a lock inside the kernel": (
        *("rwsem_down_read_slowpath", "rwsem_down_write_slowpath", "__mutex_lock", "mutex_lock_interruptible"),
        *("schedule_preempt_disabled", "__down", "__down_interruptible", "percpu_rwsem_wait"),
    ),
    "memory to be freed": ("mem_cgroup_handle_over_high", "throttle_direct_reclaim", "try_to_free_pages"),
    "being continued: it is stopped": ("do_signal_stop", "do_jobctl_trap", "do_freezer_trap", "__refrigerator"),
    "work to do": (
        *("worker_thread", "rescuer_thread", "kthread_worker_fn", "smpboot_thread_fn", "kthreadd", "irq_thread"),
        *("rcu_gp_kthread", "kswapd", "kcompactd", "khugepaged", "oom_reaper", "kauditd_thread"),
    ),
    "its debugger": ("ptrace_stop",),
    "a semaphore or message queue": ("do_semtimedop", "do_msgrcv", "wq_sleep", "mq_timedreceive"),
}
_BY_FUNCTION = {function: words for words, functions in _WORDS.items() for function in functions}
_SUFFIX = re.compile(r"\.(?:isra|constprop|part|cold|llvm)\b.*")
_FUNCTION = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,99}")


def waits_for(wchan: bytes) -> str | None:
    """Return what a process waits for; `None` if it runs, wants to, or the kernel does not tell."""
    function = wchan.decode("ascii", "replace").strip()
    if not _FUNCTION.fullmatch(function):
        return None
    # The compiler makes variants of functions.
    plain = _SUFFIX.sub("", function)
    return _BY_FUNCTION.get(plain, f"{plain} (a function of the kernel)")
