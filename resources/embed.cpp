// Build-time helper: turns the JSON files of resources/ into one C++ source with a table of string literals per
// collection, so that the program needs no file at run time and parses nothing that is not asked for.
//
//   embed OUTPUT DIRECTORY

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

std::string contents(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw std::runtime_error("can't read " + path.string());
    return {std::istreambuf_iterator<char>(file), {}};
}

Entries from_folder(const std::filesystem::path& folder)
{
    Entries entries;
    for (const auto& file : std::filesystem::directory_iterator(folder))
        if (file.path().extension() == ".json")
            entries.emplace_back(file.path().stem().string(), contents(file.path()));
    std::sort(entries.begin(), entries.end());
    return entries;
}

/// Whole files under their own names: measured runs are one JSON object per line.
Entries files_of(const std::filesystem::path& folder)
{
    Entries entries;
    for (const auto& file : std::filesystem::directory_iterator(folder))
        if (file.path().extension() == ".json" || file.path().extension() == ".jsonl")
            entries.emplace_back(file.path().filename().string(), contents(file.path()));
    std::sort(entries.begin(), entries.end());
    return entries;
}

Entries from_array(const std::filesystem::path& path)
{
    Entries entries;
    for (const auto& entry : nlohmann::json::parse(contents(path)))
        entries.emplace_back(entry.at("id").get<std::string>(), entry.dump());
    return entries;
}

std::string id_suffix(const nlohmann::json& gigabytes)
{
    return "_" + std::to_string(gigabytes.get<int>());
}

std::string with_size(const std::string& name, const nlohmann::json& gigabytes)
{
    return name + " " + std::to_string(gigabytes.get<int>()) + " GB";
}

std::string without_ending(std::string text, const std::string& ending)
{
    if (text.ends_with(ending))
        text.resize(text.size() - ending.size());
    return text;
}

/// The entry as bought with another amount of memory: `<id>_<gb>`, with what `memory_option_facts` says differs. The
/// driver's figures belong to the size that was measured, so the others have none.
nlohmann::json with_memory(const nlohmann::json& base, const nlohmann::json& gigabytes)
{
    nlohmann::json variant = base;
    const nlohmann::json& marketed = base.at("memory_gb_marketed");
    variant["id"] = without_ending(base.at("id"), id_suffix(marketed)) + id_suffix(gigabytes);
    variant["name"] = with_size(without_ending(base.at("name"), with_size("", marketed)), gigabytes);
    variant["memory_gb_marketed"] = gigabytes;
    for (const char* measured : {"driver_total_mib", "driver_total_bytes", "driver_reserved_mib", "usable_gib"})
        variant[measured] = nullptr;
    if (const auto facts = base.find("memory_option_facts"); facts != base.end())
        if (const auto own = facts->find(gigabytes.dump()); own != facts->end())
            variant.update(*own);
    return variant;
}

/// Accelerators sold in several sizes are listed once per size, the marketed one first.
Entries accelerators_from(const std::filesystem::path& path)
{
    Entries entries;
    for (nlohmann::json entry : nlohmann::json::parse(contents(path))) {
        const nlohmann::json options = entry.at("memory_options_gb");
        const nlohmann::json marketed = entry.at("memory_gb_marketed");
        if (options.is_array())
            entry["name"] = with_size(without_ending(entry.at("name"), with_size("", marketed)), marketed);
        entries.emplace_back(entry.at("id").get<std::string>(), entry.dump());
        for (const nlohmann::json& gigabytes : options)
            if (gigabytes != marketed) {
                const nlohmann::json variant = with_memory(entry, gigabytes);
                entries.emplace_back(variant.at("id").get<std::string>(), variant.dump());
            }
    }
    return entries;
}

Entries from_object(const std::filesystem::path& path)
{
    Entries entries;
    const nlohmann::json object = nlohmann::json::parse(contents(path)); // outlives items(), which refers to it
    for (const auto& [key, value] : object.items())
        entries.emplace_back(key, value.dump());
    return entries;
}

/// Adjacent raw literals, because compilers limit the length of one; with their length, because Clang limits how far it
/// counts itself.
void write_literal(std::ostream& out, const std::string& text)
{
    constexpr std::size_t piece = 8000;
    out << "std::string_view(";
    for (std::size_t start = 0; start < text.size() || start == 0; start += piece)
        out << (start == 0 ? "" : "\n        ") << "R\"~json~(" << text.substr(start, piece) << ")~json~\"";
    out << ", " << text.size() << ')';
}

void write(std::ostream& out, const std::string& name, const Entries& entries)
{
    out << "namespace\n{\nconstexpr Entry " << name << "_table[] = {\n";
    for (const auto& [id, json] : entries) {
        out << "    {\"" << id << "\", ";
        write_literal(out, json);
        out << "},\n";
    }
    out << "};\n}\nstd::span<const Entry> " << name << "()\n{\n    return " << name << "_table;\n}\n\n";
}

} // namespace

int main(int argc, char** argv)
try {
    if (argc != 3)
        throw std::runtime_error("usage: embed OUTPUT DIRECTORY");
    const std::filesystem::path folder = argv[2];
    std::ofstream out(argv[1], std::ios::binary);
    out << "#include \"resources/resources.h\"\n\nnamespace weighbridge::resources\n{\n\n";
    write(out, "models", from_folder(folder / "models"));
    write(out, "accelerators", accelerators_from(folder / "hardware" / "accelerators.json"));
    write(out, "systems", from_array(folder / "hardware" / "systems.json"));
    write(out, "measured", files_of(folder / "measured"));
    write(out, "precision", files_of(folder / "precision"));
    write(out, "engines", files_of(folder / "engines"));
    write(out, "launch", files_of(folder / "launch"));
    write(out, "prices", files_of(folder / "prices"));
    write(out, "parts", from_object(folder / "parts.json"));
    write(out, "config_defaults", from_object(folder / "config_defaults.json"));
    out << "const Entry* find(std::span<const Entry> entries, std::string_view id)\n{\n"
           "    for (const Entry& entry : entries)\n        if (entry.id == id)\n            return &entry;\n"
           "    return nullptr;\n}\n\n}\n";
    return out.flush() ? 0 : 1;
} catch (const std::exception& error) {
    std::cerr << "embed: " << error.what() << '\n';
    return 1;
}
