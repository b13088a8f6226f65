// ggml's allocator and scheduler, against layouts worked by hand.

#include "core/engines/llamacpp/ggml_scheduler.h"

#include <gtest/gtest.h>

namespace weighbridge::testing {
namespace {

GgmlId node(GgmlGraph& graph, std::int64_t bytes, std::initializer_list<GgmlId> sources, GgmlOp op = GgmlOp::fresh)
{
    GgmlTensor tensor;
    tensor.bytes = bytes;
    tensor.op = op;
    tensor.rows = 512;
    return graph.add(tensor, sources);
}

GgmlId leaf(GgmlGraph& graph, GgmlRole role, std::int64_t bytes, int device = -1)
{
    GgmlTensor tensor;
    tensor.bytes = bytes;
    tensor.role = role;
    tensor.device = static_cast<std::int8_t>(device);
    return graph.add(tensor, {});
}

std::vector<std::int64_t> buffers(GgmlGraph& graph, const GgmlMachine& machine)
{
    const GgmlSchedule schedule = ggml_schedule(graph, machine);
    return ggml_buffers(graph, schedule);
}

TEST(GgmlBlocks, TakeTheBestFitAndOfEqualsTheLastOne)
{
    GgmlBlocks blocks(128);
    const std::int64_t a = blocks.take(256);
    blocks.take(128);
    const std::int64_t b = blocks.take(256);
    blocks.take(128);
    const std::int64_t c = blocks.take(1024);
    blocks.take(128);
    blocks.give(a, 256);
    blocks.give(b, 256);
    blocks.give(c, 1024);
    EXPECT_EQ(blocks.take(200), b); // both of 256 bytes fit best; the later one
    EXPECT_EQ(blocks.take(200), a);
    EXPECT_EQ(blocks.take(200), c);
    EXPECT_EQ(blocks.highest(), 256 + 128 + 256 + 128 + 1024 + 128);
}

TEST(GgmlBlocks, JoinWhatTouches)
{
    GgmlBlocks blocks(128);
    const std::int64_t a = blocks.take(128);
    const std::int64_t b = blocks.take(128);
    const std::int64_t c = blocks.take(128);
    blocks.take(128);
    blocks.give(a, 128);
    blocks.give(c, 128);
    blocks.give(b, 128);
    EXPECT_EQ(blocks.take(384), a);
    EXPECT_EQ(blocks.highest(), 512);
}

/// x (1,024 bytes) -> a fresh and an in-place one -> their sum: two tensors of 1,024 beside the copy of x.
TEST(GgmlAllocator, TakesOverAnArgumentThatNobodyElseReads)
{
    GgmlGraph graph;
    const GgmlId x = leaf(graph, GgmlRole::input, 1024);
    const GgmlId weight = leaf(graph, GgmlRole::weight, 1 << 20, 0);
    const GgmlId a = node(graph, 1024, {weight, x});
    const GgmlId b = node(graph, 1024, {a}, GgmlOp::in_place);
    const GgmlId c = node(graph, 1024, {weight, x});
    const GgmlId sum = node(graph, 1024, {b, c}, GgmlOp::in_place);
    graph.expand(sum);
    const auto bytes = buffers(graph, {.gpus = 1});
    EXPECT_EQ(bytes.at(0), 3 * 1024); // the copy of x, a (with b and the sum in its place), c
    EXPECT_EQ(bytes.at(1), 1024);     // x itself
}

TEST(GgmlAllocator, LeavesATensorWithViewsWhereItIs)
{
    GgmlGraph graph;
    const GgmlId x = leaf(graph, GgmlRole::input, 1024);
    const GgmlId weight = leaf(graph, GgmlRole::weight, 1 << 20, 0);
    const GgmlId a = node(graph, 1024, {weight, x});
    GgmlTensor shaped;
    shaped.bytes = 1024;
    shaped.role = GgmlRole::view;
    shaped.view_of = a;
    const GgmlId view = graph.add(shaped, {a});
    graph.expand(node(graph, 1024, {view}, GgmlOp::in_place));
    EXPECT_EQ(buffers(graph, {.gpus = 1}).at(0), 2 * 1024); // x is gone when the last one comes, which takes its place
}

/// What stands at the fullest moment, holes included, is the buffer.
TEST(GgmlAllocator, ExplainsTheWholeBuffer)
{
    GgmlGraph graph;
    const GgmlId x = leaf(graph, GgmlRole::input, 1000);
    const GgmlId weight = leaf(graph, GgmlRole::weight, 1 << 20, 0);
    const GgmlId a = node(graph, 3000, {weight, x});
    const GgmlId b = node(graph, 5000, {weight, a});
    graph.expand(node(graph, 9000, {weight, b}));
    const GgmlSchedule schedule = ggml_schedule(graph, {.gpus = 1});
    std::int64_t sum = 0;
    for (const GgmlBlock& block : ggml_fullest(graph, schedule, 0, ggml_buffers(graph, schedule).front()))
        sum += block.bytes;
    EXPECT_EQ(sum, ggml_buffers(graph, schedule).at(0));
}

/// Two matrices on the CPU, two products of 512 rows: each is copied for its own product, one at a time.
TEST(GgmlScheduler, CopiesOneWeightAtATime)
{
    GgmlGraph graph;
    const GgmlId x = leaf(graph, GgmlRole::input, 1024);
    const GgmlId first = leaf(graph, GgmlRole::weight, 65536, 1);
    const GgmlId second = leaf(graph, GgmlRole::weight, 65536, 1);
    const GgmlId a = node(graph, 1024, {first, x});
    graph.expand(node(graph, 1024, {second, a}));
    GgmlGraph few = graph;
    // the copy of x, the first weight, its product; then the second weight in the first one's place, and its product in
    // x's
    EXPECT_EQ(buffers(graph, {.gpus = 1}).at(0), 65536 + 2 * 1024);
    GgmlGraph off = few;
    EXPECT_EQ(buffers(off, {.gpus = 1, .op_offload = false}).at(0), 0);
}

/// One row in all is too little for a GPU to take over, whatever its tokens.
TEST(GgmlScheduler, LeavesAScanWhereItsMatrixLies)
{
    GgmlGraph graph;
    const GgmlId x = leaf(graph, GgmlRole::input, 1024);
    const GgmlId decay = leaf(graph, GgmlRole::weight, 65536, 1);
    graph.expand(node(graph, 2048, {decay, x}, GgmlOp::scan));
    const auto bytes = buffers(graph, {.gpus = 1});
    EXPECT_EQ(bytes.at(0), 0);
    EXPECT_EQ(bytes.at(1), 1024 + 2048);
}

/// Two GPUs in a pipeline: four copies of an input on both, and of what goes from the first to the second.
TEST(GgmlScheduler, KeepsFourCopiesOfInputsInAPipeline)
{
    GgmlGraph graph;
    const GgmlId x = leaf(graph, GgmlRole::input, 1024);
    const GgmlId first = leaf(graph, GgmlRole::weight, 65536, 0);
    const GgmlId second = leaf(graph, GgmlRole::weight, 65536, 1);
    const GgmlId a = node(graph, 2048, {first, x});
    graph.expand(node(graph, 4096, {second, a, x}));
    const auto bytes = buffers(graph, {.gpus = 2, .copies = 4});
    EXPECT_EQ(bytes.at(0), 4 * 1024 + 2048);
    EXPECT_EQ(bytes.at(1), 4 * 1024 + 4 * 2048 + 4096);
    EXPECT_EQ(bytes.at(2), 4 * 1024);
}

} // namespace
} // namespace weighbridge::testing
