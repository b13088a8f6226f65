// SGLang's own logs: cache bytes per token are exact, the pool follows from memory that few logs tell.

#include "tests/core/engines/measured.h"

#include <gtest/gtest.h>

namespace weighbridge::testing {
namespace {

TEST(SglangRuns, PoolBytesPerToken)
{
    expect_bar({.set = "sglang", .figure = "kv_bytes_per_token", .runs = 5, .tolerance = 0.003, .share = 1});
}

// Loading is told as what the device lost: sglang-0156 (TP4 on L4) has NCCL in it, which its 15.54 of 15.26 GiB shows.
TEST(SglangRuns, WeightsOfUnquantizedModels)
{
    expect_bar({.set = "sglang", .figure = "weights", .runs = 2, .tolerance = 0.02, .share = 1});
}

} // namespace
} // namespace weighbridge::testing
