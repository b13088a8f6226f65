// Why core/training/memory.cpp reserves more than is live: a training step's allocations, replayed by the rules of
// torch's caching allocator (c10/cuda/CUDACachingAllocator.cpp, native backend).

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <list>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace weighbridge::testing {
namespace {

constexpr std::int64_t mib = 1 << 20;

/// Best fit over blocks; what is left of a large block is split off from 1 MiB on, neighbours merge when they are free.
class CachingAllocator
{
public:
    struct Block
    {
        std::int64_t size = 0;
        std::int64_t order = 0;
        bool free = false;
        bool small = false;
        std::list<Block>* segment = nullptr;
        std::list<Block>::iterator self{};
    };
    CachingAllocator() = default;
    CachingAllocator(const CachingAllocator&) = delete;
    CachingAllocator& operator=(const CachingAllocator&) = delete;

    Block* take(double bytes)
    {
        constexpr std::int64_t unit = 512;
        const std::int64_t size = std::max(unit, (static_cast<std::int64_t>(bytes) + unit - 1) / unit * unit);
        const bool small = size <= mib;
        Block* block = best_fit(size, small);
        const std::int64_t rest = block->size - size;
        if (small ? rest >= unit : rest > mib) {
            block->size = size;
            add_free(*block->segment, std::next(block->self), rest, small);
        }
        block->free = false;
        live += block->size;
        most_live = std::max(most_live, live);
        return block;
    }

    void give(Block* block)
    {
        live -= block->size;
        std::list<Block>& segment = *block->segment;
        if (const auto next = std::next(block->self); next != segment.end() && next->free)
            absorb(*block, *next);
        if (block->self != segment.begin() && std::prev(block->self)->free) {
            Block& before = *std::prev(block->self);
            pool(before.small).erase(&before);
            before.size += block->size;
            segment.erase(block->self);
            block = &before;
        }
        block->free = true;
        pool(block->small).insert(block);
    }

    std::int64_t reserved = 0;
    std::int64_t live = 0;
    std::int64_t most_live = 0;

private:
    struct BySize
    {
        bool operator()(const Block* a, const Block* b) const
        {
            return std::pair(a->size, a->order) < std::pair(b->size, b->order);
        }
    };
    using Pool = std::set<Block*, BySize>;
    Pool& pool(bool small) { return small ? small_ : large_; }

    static std::int64_t segment_size(std::int64_t size, bool small)
    {
        if (small)
            return 2 * mib;
        return size < 10 * mib ? 20 * mib : (size + 2 * mib - 1) / (2 * mib) * (2 * mib);
    }

    Block* best_fit(std::int64_t size, bool small)
    {
        Block wanted{.size = size, .order = -1};
        auto found = pool(small).lower_bound(&wanted);
        if (found == pool(small).end()) {
            reserved += segment_size(size, small);
            std::list<Block>& segment = segments_.emplace_back();
            found = add_free(segment, segment.end(), segment_size(size, small), small);
        }
        Block* block = *found;
        pool(small).erase(found);
        return block;
    }

    Pool::iterator add_free(std::list<Block>& segment, std::list<Block>::iterator before, std::int64_t size, bool small)
    {
        const auto at = segment.insert(
            before, Block{.size = size, .order = blocks_++, .free = true, .small = small, .segment = &segment});
        at->self = at;
        return pool(small).insert(&*at).first;
    }

    void absorb(Block& block, Block& next)
    {
        pool(next.small).erase(&next);
        block.size += next.size;
        block.segment->erase(next.self);
    }

    Pool small_;
    Pool large_;
    std::list<std::list<Block>> segments_;
    std::int64_t blocks_ = 0;
};

using Block = CachingAllocator::Block;

struct Network
{
    int layers = 0;
    double hidden = 0;
    double inner = 0;
    double vocabulary = 0;
};

constexpr Network qwen_1_8b = {24, 2048, 5504, 151936};

/// A step of one sequence: bf16 under autocast, LoRA on the query, key and value projection, full recomputation, and
/// the loss as transformers' Trainer has it. Tensors in the order in which they come and go.
class Step
{
public:
    Step(CachingAllocator& memory, const Network& network, double tokens)
        : memory_(memory), network_(network), h_(network.hidden * tokens), f_(network.inner * tokens),
          v_(network.vocabulary * tokens)
    {
    }

    void run()
    {
        std::vector<Block*> inputs;
        Block* hidden = bf16(h_);
        for (int layer = 0; layer < network_.layers; ++layer) {
            inputs.push_back(hidden);
            hidden = forward(nullptr);
        }
        Block* gradient = loss();
        give({hidden});
        for (int layer = network_.layers; layer-- > 0;) {
            gradient = backward(gradient);
            give({inputs[static_cast<std::size_t>(layer)]});
        }
        give({gradient});
    }

private:
    Block* bf16(double elements) { return memory_.take(2 * elements); }
    Block* fp32(double elements) { return memory_.take(4 * elements); }
    void give(std::initializer_list<Block*> blocks)
    {
        for (Block* block : blocks)
            memory_.give(block);
    }
    void keep(std::vector<Block*>* saved, std::initializer_list<Block*> blocks)
    {
        if (saved == nullptr)
            give(blocks);
        else
            saved->insert(saved->end(), blocks);
    }

    Block* norm(std::vector<Block*>* saved)
    {
        Block* wide = fp32(h_);
        Block* square = fp32(h_);
        give({square});
        Block* normalized = fp32(h_);
        keep(saved, {wide});
        Block* narrow = bf16(h_);
        give({normalized});
        Block* weighed = bf16(h_);
        give({narrow});
        return weighed;
    }

    Block* rotated()
    {
        Block* wide = fp32(h_);
        Block* cosine = fp32(h_);
        Block* half = fp32(h_);
        Block* sine = fp32(h_);
        give({half});
        Block* sum = fp32(h_);
        give({cosine, sine, wide});
        Block* narrow = bf16(h_);
        give({sum});
        return narrow;
    }

    Block* forward(std::vector<Block*>* saved)
    {
        Block* input = norm(saved);
        Block* qkv = bf16(3 * h_);
        Block* adapter_input = bf16(h_);
        Block* adapter = bf16(3 * h_);
        Block* scaled = bf16(3 * h_);
        give({adapter});
        Block* sum = bf16(3 * h_);
        give({qkv, scaled, input});
        keep(saved, {adapter_input});
        Block* query = rotated();
        Block* key = rotated();
        Block* output = bf16(h_);
        keep(saved, {query, key, sum});
        Block* projected = bf16(h_);
        keep(saved, {output});
        Block* residual = bf16(h_);
        give({projected});
        Block* ffn_input = norm(saved);
        Block* up = bf16(f_);
        Block* gate = bf16(f_);
        give({ffn_input});
        Block* activated = bf16(f_);
        Block* product = bf16(f_);
        keep(saved, {gate, up, activated});
        Block* down = bf16(h_);
        give({product});
        Block* next = bf16(h_);
        give({down});
        keep(saved, {residual});
        return next;
    }

    void norm_backward()
    {
        Block* a = fp32(h_);
        Block* b = fp32(h_);
        Block* c = fp32(h_);
        give({a, b, c});
    }

    Block* loss()
    {
        Block* logits = bf16(v_);
        Block* shifted = bf16(v_);
        Block* wide = fp32(v_);
        Block* log_softmax = fp32(v_);
        give({wide, shifted});
        Block* returned = fp32(v_); // accelerate's convert_outputs_to_fp32
        give({logits, returned});
        Block* of_log_softmax = fp32(v_);
        Block* of_logits = fp32(v_);
        give({of_log_softmax, log_softmax});
        Block* narrow = bf16(v_);
        give({of_logits});
        Block* whole = bf16(v_);
        give({narrow});
        Block* gradient = bf16(h_);
        give({whole});
        return gradient;
    }

    Block* backward(Block* gradient)
    {
        std::vector<Block*> saved;
        give({forward(&saved)});
        Block* product = bf16(f_);
        Block* gate = bf16(f_);
        Block* up = bf16(f_);
        give({product});
        Block* one = bf16(h_);
        Block* other = bf16(h_);
        give({gate, up, one, other});
        norm_backward();
        Block* residual = bf16(h_);
        give({gradient});
        Block* attention = bf16(3 * h_);
        norm_backward(); // of the rotation, as wide
        Block* qkv = bf16(3 * h_);
        Block* adapter = bf16(3 * h_);
        give({attention, adapter, qkv});
        norm_backward();
        Block* input = bf16(h_);
        give({residual});
        for (Block* block : saved)
            give({block});
        return input;
    }

    CachingAllocator& memory_;
    const Network& network_;
    double h_;
    double f_;
    double v_;
};

/// Lengths of a data set of 3,234 ± 2,547 tokens, at least 91, without what is longer than the maximum.
std::vector<double> lengths(double longest, std::size_t count, std::uint32_t seed)
{
    constexpr double mean = 3234.4;
    constexpr double deviation = 2547.5;
    const double variance = std::log(1 + deviation * deviation / (mean * mean));
    std::mt19937 random(seed);
    const auto uniform = [&] { return (static_cast<double>(random()) + 0.5) / 4294967296.0; };
    std::vector<double> list;
    while (list.size() < count) {
        constexpr double turn = 6.283185307179586;
        const double normal = std::sqrt(-2 * std::log(uniform())) * std::cos(turn * uniform()); // Box and Muller
        const double length = std::exp(std::log(mean) - variance / 2 + std::sqrt(variance) * normal);
        if (length >= 91 && length <= longest)
            list.push_back(std::floor(length));
    }
    return list;
}

/// What stays over the peak, as a multiple of what a batch of average length holds.
double left_per_average(const Network& network, double longest, std::uint32_t seed)
{
    constexpr std::size_t batches = 100;
    CachingAllocator memory;
    double sum = 0;
    double most = 0;
    for (const double length : lengths(longest, batches, seed)) {
        Step(memory, network, length).run();
        sum += length;
        most = std::max(most, length);
    }
    const double average = static_cast<double>(memory.most_live) * sum / (batches * most);
    return static_cast<double>(memory.reserved - memory.most_live) / average;
}

TEST(AllocatorReplay, ALossOfFixedLengthLeavesFourBytesForTwelve)
{
    CachingAllocator memory;
    for (int i = 0; i < 3; ++i)
        Step(memory, qwen_1_8b, 4096).run();
    EXPECT_EQ(memory.live, 0);
    EXPECT_NEAR(static_cast<double>(memory.reserved) / static_cast<double>(memory.most_live), 16.0 / 12, 0.03);
}

/// The mechanism, not the figure: seeds differ by more than networks do (from 1 to 16 times over 30 replays, 6 in the
/// median), so the rule's 3.5 (core/training/memory.cpp, left_by_other_batches) comes from runs.
TEST(AllocatorReplay, BatchesOfOtherLengthsLeaveMoreThanAnAverageOneHolds)
{
    constexpr double longest = 2048;
    std::vector<double> left;
    left.reserve(3);
    for (const std::uint32_t seed : {1U, 2U, 3U})
        left.push_back(left_per_average(qwen_1_8b, longest, seed));
    std::sort(left.begin(), left.end());
    EXPECT_GT(left[left.size() / 2], 2);
}

} // namespace
} // namespace weighbridge::testing
