#pragma once

#include <cstdint>

namespace weighbridge {

// The largest counts that are asked for and searched. An answer that reached one means "at least".
inline constexpr std::int64_t most_sequences = std::int64_t{1} << 20;
inline constexpr std::int64_t most_tokens = std::int64_t{1} << 30;
inline constexpr std::int64_t most_ranks = 4096;                       ///< of one kind of parallelism
inline constexpr std::int64_t most_bytes = std::int64_t{1} << 44;      ///< typed in: 16 TiB
inline constexpr std::int64_t most_parameters = 1'000'000'000'000'000; ///< typed in
inline constexpr std::int64_t most_layers = 1'000'000;                 ///< typed in
inline constexpr double most_gib = 1 << 20;                            ///< typed in: 1 PiB
inline constexpr std::int64_t most_adapter_rank = 65'536;

} // namespace weighbridge
