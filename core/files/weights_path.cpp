#include "core/files/weights_path.h"

#include "core/files/file_source.h"
#include "core/files/files.h"
#include "core/sources/gguf.h"
#include "core/sources/gguf_split.h"
#include "core/sources/safetensors.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace weighbridge {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view index_ending = ".safetensors.index.json";
/// An index of 2,000,000 tensors with long names stays below it.
constexpr std::size_t largest_index = 268'435'456;

std::string lower_name(const std::string& path)
{
    std::string name = fs::path(path).filename().string();
    std::transform(name.begin(), name.end(), name.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    });
    return name;
}

/// Opens and reads the headers of the files of one model, and tells the watch.
class HeaderReader
{
public:
    HeaderReader(const ReadWatch& watch, int files) : watch_(watch), progress_{.of = files} {}

    Result<GgufHeader> gguf(const std::string& path)
    {
        return read<GgufHeader>(path, [&](ByteSource& source) { return read_gguf(source, path); });
    }
    Result<SafetensorsHeader> safetensors(const std::string& path)
    {
        return read<SafetensorsHeader>(path, [&](ByteSource& source) { return read_safetensors(source, path); });
    }

private:
    template<class Header, class Read>
    Result<Header> read(const std::string& path, const Read& read_header)
    {
        auto source = FileSource::open(path);
        if (!source)
            return source.error();
        if (watch_)
            (*source)->set_watch([this](std::uint64_t bytes) {
                ReadProgress now = progress_;
                now.bytes += bytes;
                return watch_(now);
            });
        auto header = read_header(**source);
        progress_.bytes += (*source)->bytes_read();
        ++progress_.files;
        return header;
    }

    const ReadWatch& watch_;
    ReadProgress progress_;
};

Result<ModelFile> read_gguf_model(const std::string& path, const std::string& name, const ImportOptions& options,
                                  const ReadWatch& watch)
{
    const auto split = gguf_split(path);
    const int count = split ? split->parts : 1;
    HeaderReader reader(watch, count);
    std::vector<GgufPart> parts;
    parts.reserve(static_cast<std::size_t>(count));
    for (int part = 1; part <= count; ++part) {
        const std::string file = split ? gguf_part_name(*split, part) : path;
        auto header = reader.gguf(file);
        if (!header)
            return header.error();
        parts.push_back({fs::path(file).filename().string(), std::move(*header)});
    }
    return model_of_gguf(std::move(parts), name, path, options);
}

Result<std::vector<TensorFile>> read_shards(const std::string& path, const ReadWatch& watch)
{
    const fs::path folder = fs::path(path).parent_path();
    const auto text = read_file(path, largest_index);
    if (!text)
        return text.error();
    const auto index = read_safetensors_index(*text, path);
    if (!index)
        return index.error();
    HeaderReader reader(watch, static_cast<int>(index->files.size()));
    std::vector<SafetensorsHeader> shards;
    shards.reserve(index->files.size());
    for (const std::string& file : index->files) {
        auto header = reader.safetensors((folder / file).string());
        if (!header)
            return header.error();
        shards.push_back(std::move(*header));
    }
    return tensors_of_index(*index, std::move(shards), path);
}

Result<std::vector<TensorFile>> read_safetensors_files(const std::string& path, const ReadWatch& watch)
{
    if (lower_name(path).ends_with(index_ending))
        return read_shards(path, watch);
    // A shard alone is no model; its index names the others.
    const std::string index = (fs::path(path).parent_path() / "model.safetensors.index.json").string();
    std::error_code error;
    if (fs::path(path).filename().string().starts_with("model-0") && fs::exists(index, error))
        return read_shards(index, watch);
    HeaderReader reader(watch, 1);
    auto header = reader.safetensors(path);
    if (!header)
        return header.error();
    std::vector<TensorFile> files;
    files.push_back({fs::path(path).filename().string(), std::move(header->tensors)});
    return files;
}

Result<ModelFile> read_safetensors_model(const std::string& path, const std::string& name, const ImportOptions& options,
                                         const ReadWatch& watch)
{
    const auto files = read_safetensors_files(path, watch);
    if (!files)
        return files.error();
    const std::string config = (fs::path(path).parent_path() / "config.json").string();
    std::error_code error;
    if (!fs::exists(config, error))
        return Error{path, path + ": there is no config.json beside it, which would say what network this is"};
    auto file = read_config_file(config, name, options);
    if (!file)
        return file;
    auto model = with_safetensors(*file->model, *files);
    if (!model)
        return Error{path, path + ": " + model.error().message};
    file->model = std::move(*model);
    return file;
}

} // namespace

bool is_weights_path(const std::string& path)
{
    const std::string name = lower_name(path);
    return name.ends_with(".gguf") || name.ends_with(".safetensors") || name.ends_with(index_ending);
}

std::string weights_in_folder(const std::string& folder)
{
    std::error_code error;
    for (const char* name : {"model.safetensors.index.json", "model.safetensors"})
        if (const fs::path file = fs::path(folder) / name; fs::is_regular_file(file, error))
            return file.string();
    std::vector<std::string> models;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const std::string file = entry->path().string();
        const auto split = gguf_split(file);
        if (lower_name(file).ends_with(".gguf") && (!split || split->part == 1))
            models.push_back(file);
    }
    return models.size() == 1 ? models.front() : std::string();
}

std::string weights_at(const std::string& path)
{
    if (is_weights_path(path))
        return path;
    std::error_code error;
    return fs::is_directory(path, error) ? weights_in_folder(path) : std::string();
}

Result<ModelFile> read_weights_path(const std::string& path, const std::string& name, const ImportOptions& options,
                                    const ReadWatch& watch)
{
    return lower_name(path).ends_with(".gguf") ? read_gguf_model(path, name, options, watch)
                                               : read_safetensors_model(path, name, options, watch);
}

} // namespace weighbridge
