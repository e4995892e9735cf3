"""Where expensive answers are computed: in turn, in other processes, once for all workers."""
