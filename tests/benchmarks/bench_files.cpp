// How long weights files take to open. Prints, never fails.

#include "core/files/file_source.h"
#include "core/files/files.h"
#include "core/files/weights_path.h"
#include "core/sources/gguf.h"
#include "core/sources/safetensors.h"
#include "tests/core/support/weights_bytes.h"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace {

using namespace weighbridge;
namespace fs = std::filesystem;

/// A folder of its own, gone at the end.
class Folder
{
public:
    Folder()
    {
        std::string name = (fs::temp_directory_path() / "weighbridge-bench-XXXXXX").string();
        if (::mkdtemp(name.data()) != nullptr)
            path_ = name;
    }
    ~Folder()
    {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string file(const std::string& name) const { return (path_ / name).string(); }

private:
    fs::path path_;
};

/// Llama-3.1-8B with 256,000 tokens: the header is real, the tensors are a hole of 1 GiB and more.
std::string sparse_gguf(const Folder& folder)
{
    testing::GgufBytes header;
    header.string("general.architecture", "llama")
        .u32("llama.block_count", 32)
        .u32("llama.embedding_length", 4096)
        .u32("llama.feed_forward_length", 14336)
        .u32("llama.attention.head_count", 32)
        .u32("llama.attention.head_count_kv", 8)
        .strings("tokenizer.ggml.tokens", 256'000, "a token")
        .entry("tokenizer.ggml.scores", 9,
               testing::little_endian(6, 4) + testing::little_endian(256'000, 8) + std::string(1'024'000, '\0'))
        .entry("tokenizer.ggml.token_type", 9,
               testing::little_endian(5, 4) + testing::little_endian(256'000, 8) + std::string(1'024'000, '\0'))
        .strings("tokenizer.ggml.merges", 256'000, "a merge");
    std::uint64_t offset = 0;
    for (int i = 0; i < 291; ++i) {
        header.tensor("blk." + std::to_string(i) + ".ffn_up.weight", {4096, 400}, 1, offset);
        offset += std::uint64_t{4096} * 400 * 2;
    }
    const std::string path = folder.file("sparse.gguf");
    const std::string bytes = header.bytes();
    std::ofstream(path, std::ios::binary) << bytes;
    fs::resize_file(path, bytes.size() + (std::uint64_t{1} << 30U));
    return path;
}

void open_sparse_gguf(benchmark::State& state)
{
    const Folder folder;
    const std::string path = sparse_gguf(folder);
    std::uint64_t read = 0;
    for (auto _ : state) {
        auto source = FileSource::open(path);
        benchmark::DoNotOptimize(read_gguf(**source, path));
        read = (*source)->bytes_read();
    }
    state.counters["file_bytes"] = static_cast<double>(fs::file_size(path));
    state.counters["read_bytes"] = static_cast<double>(read);
}

/// 163 shards, 90,000 tensors of one byte each, named as DeepSeek-V3's.
std::string sharded_index(const Folder& folder)
{
    constexpr int shards = 163, tensors = 90'000;
    const auto shard_name = [](int shard) {
        std::string number = std::to_string(shard + 1);
        return "model-" + std::string(5 - number.size(), '0') + number + "-of-000163.safetensors";
    };
    std::string map;
    for (int shard = 0; shard < shards; ++shard) {
        std::string header = "{\"__metadata__\":{\"format\":\"pt\"}";
        int count = 0;
        for (int i = shard * tensors / shards; i < (shard + 1) * tensors / shards; ++i, ++count) {
            const std::string name = "model.layers." + std::to_string(i / 1500) + ".mlp.experts." +
                                     std::to_string(i % 1500) + ".gate_proj.weight";
            header += ",\"" + name + R"(":{"dtype":"F8_E4M3","shape":[1,1],"data_offsets":[)" + std::to_string(count) +
                      "," + std::to_string(count + 1) + "]}";
            map += (map.empty() ? "\"" : ",\"") + name + "\":\"" + shard_name(shard) + "\"";
        }
        std::ofstream(folder.file(shard_name(shard)), std::ios::binary)
            << testing::safetensors_bytes(header + "}", static_cast<std::size_t>(count));
    }
    std::ofstream(folder.file("config.json"))
        << R"({"model_type":"llama","hidden_size":64,"intermediate_size":64,"num_hidden_layers":60,)"
           R"("num_attention_heads":2,"vocab_size":100})";
    const std::string path = folder.file("model.safetensors.index.json");
    std::ofstream(path) << R"({"metadata":{"total_size":90000},"weight_map":{)" << map << "}}";
    return path;
}

void read_index_alone(benchmark::State& state)
{
    const Folder folder;
    const std::string path = sharded_index(folder);
    for (auto _ : state)
        benchmark::DoNotOptimize(read_safetensors_index(*read_file(path, std::size_t{1} << 28U), path));
}

/// The index, the headers of all shards, and which part and row each tensor is.
void open_index_and_shards(benchmark::State& state)
{
    const Folder folder;
    const std::string path = sharded_index(folder);
    for (auto _ : state)
        benchmark::DoNotOptimize(read_weights_path(path, {}, {}));
}

BENCHMARK(open_sparse_gguf)->Unit(benchmark::kMillisecond);
BENCHMARK(read_index_alone)->Unit(benchmark::kMillisecond);
BENCHMARK(open_index_and_shards)->Unit(benchmark::kMillisecond);

} // namespace
