#include "core/files/model_path.h"

#include "core/files/files.h"
#include "core/files/weights_path.h"
#include "core/sources/json_text.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <system_error>

namespace weighbridge {

namespace {

namespace fs = std::filesystem;

/// Weights that are no table of tensors but a program: nothing of them is read.
Outcome refuse_pickled_file(const fs::path& path)
{
    for (const std::string_view ending : {".bin", ".pth", ".pt"})
        if (path.filename().string().ends_with(ending))
            return Error{path.string(), path.string() + ": " + std::string(ending) +
                                            " files are not read; .gguf, .safetensors, a config.json or a model "
                                            "folder are"};
    return {};
}

/// "Llama-3.1-8B" of ".../models--meta-llama--Llama-3.1-8B/snapshots/0123abc", else empty.
std::string cached_repository(const fs::path& folder)
{
    if (folder.parent_path().filename() != "snapshots")
        return {};
    const std::string repository = folder.parent_path().parent_path().filename().string();
    const std::size_t separator = repository.rfind("--");
    return repository.starts_with("models--") && separator != std::string::npos ? repository.substr(separator + 2)
                                                                                : std::string();
}

/// Where the importer names a key, people need the file too.
Error in_file(const std::string& path, const Error& error)
{
    const bool named = error.message.find(path) != std::string::npos;
    return {error.field, named ? error.message : path + ": " + error.message};
}

} // namespace

Result<std::string> config_path(const std::string& path)
{
    if (Outcome refused = refuse_pickled_file(path))
        return *refused;
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status))
        return Error{path, path + ": there is no such file or folder"};
    if (!fs::is_directory(status))
        return path;
    const fs::path config = fs::path(path) / "config.json";
    if (!fs::exists(config, error))
        return Error{path, path + ": the folder holds no config.json"};
    return config.string();
}

std::string model_name_of(const std::string& config_path)
{
    std::error_code error;
    const fs::path absolute = fs::absolute(config_path, error).lexically_normal();
    if (absolute.filename() != "config.json")
        return absolute.stem().string();
    const fs::path folder = absolute.parent_path();
    std::string name = cached_repository(folder);
    if (name.empty())
        name = folder.filename().string();
    return name.empty() ? "config.json" : name;
}

Result<ModelFile> read_model_path(const std::string& path, const std::string& name, const ImportOptions& options,
                                  const ReadWatch& watch)
{
    if (const std::string weights = weights_at(path); !weights.empty())
        return read_weights_path(weights, name, options, watch);
    const auto file = config_path(path);
    if (!file)
        return file.error();
    return read_config_file(*file, name, options);
}

Result<ModelFile> read_config_file(const std::string& file, const std::string& name, const ImportOptions& options)
{
    const auto text = read_file(file);
    if (!text)
        return text.error();
    auto config = parse_json(*text, file);
    if (!config)
        return in_file(file, config.error());
    auto model = import_config(*config, name.empty() ? model_name_of(file) : name, options);
    if (!model)
        return in_file(file, model.error());
    return ModelFile{std::move(*model), std::make_shared<const nlohmann::json>(std::move(*config))};
}

} // namespace weighbridge
