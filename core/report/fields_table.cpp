#include "core/report/fields_table.h"

#include "core/fields/fields.h"
#include "core/quantity/text.h"
#include "core/report/table_writers.h"

namespace weighbridge {

namespace {

/// What a text may be, where the row has no list of its own.
std::string_view named_by(NameTable names)
{
    switch (names) {
    case NameTable::weights_format:
        return "a name of \"weighbridge list formats\", nominal:BYTES, bits:N, gguf:MIX, gguf:MIX+imatrix or "
               "checkpoint";
    case NameTable::kv_cache_format:
    case NameTable::activations_format:
        return "a name of \"weighbridge list formats\", nominal:BYTES or bits:N";
    case NameTable::accelerator:
        return "an id of \"weighbridge list accelerators\"";
    case NameTable::short_text:
        return "up to 64 printable characters";
    case NameTable::object:
        return "an object in JSON";
    case NameTable::model:
        return "a preset, or an object as the key model takes it";
    case NameTable::adapter_target:
        return "roles (all_linear, attention, mlp, experts, embeddings, lm_head) or module names";
    case NameTable::optimizer:
        return "adamw, adamw_8bit, adafactor, lion, muon, galore ... and what frameworks call them";
    case NameTable::state_dtype:
        return "auto, fp32, bf16, fp16, int8, fp8 or int4";
    case NameTable::recompute:
        return "none, selective, full, every:K, uniform:K, block:K, layers:N or offload";
    case NameTable::none:
    case NameTable::engine:
    case NameTable::framework:
    case NameTable::trainer:
    case NameTable::training_attention:
        break;
    }
    return {};
}

std::string taken(const ScenarioField& field)
{
    std::string names(field.choices.empty() ? named_by(field.names) : std::string_view());
    if (names.empty())
        names = field.choices.empty() || field.kind == OptionKind::list ? joined(field.choices) : allowed_text(field);
    if (names.empty())
        return allowed_text(field);
    if (field.kind == OptionKind::list)
        return "a list of " + names;
    if (field.kind == OptionKind::pair)
        return names + "; or {\"k\": ..., \"v\": ...}";
    return field.key == "hardware.accelerator" ? names + ", or an object (below)" : names;
}

std::string left_out(const ScenarioField& field)
{
    if (!field.left_out.empty())
        return std::string(field.left_out);
    const std::string value = field_text(Scenario(), field);
    return value.empty() ? "nothing" : value;
}

std::string whose(const ScenarioField& field)
{
    return field.engines.empty() ? joined(field.tasks) : joined(field.engines);
}

/// A line of a manual page that begins with a dot or an apostrophe would be a request.
std::string roff(std::string_view text)
{
    std::string escaped = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
    for (const char letter : text)
        escaped += letter == '-' ? std::string("\\-") : letter == '\\' ? std::string("\\e") : std::string(1, letter);
    return escaped;
}

} // namespace

std::vector<FieldWords> field_words(bool once)
{
    constexpr std::string_view first = "fine_tune.";
    constexpr std::string_view second = "train.";
    std::vector<FieldWords> words;
    for (const ScenarioField& field : scenario_fields()) {
        if (once && field.key.starts_with(second))
            continue;
        words.push_back({field.key, taken(field), left_out(field), whose(field), joined(field.also), field.help});
        if (!once || !field.key.starts_with(first))
            continue;
        const ScenarioField& other = *field_named(std::string(second) + std::string(field.name()));
        words.back().key += ", " + other.key;
        words.back().owner += ", " + whose(other);
        if (left_out(other) != words.back().left_out)
            words.back().left_out += "; " + left_out(other);
    }
    return words;
}

Table fields_table(bool once)
{
    Table table{.id = "fields",
                .columns = {{"key", "Key"},
                            {"takes", "Takes"},
                            {"left_out", "Left out"},
                            {"owner", "Of"},
                            {"also", "Also read"},
                            {"meaning", "What it is"}}};
    for (const FieldWords& words : field_words(once))
        table.rows.push_back({{text_cell(words.key), text_cell(words.takes), text_cell(words.left_out),
                               text_cell(words.owner), text_cell(words.also), text_cell(words.meaning)}});
    return table;
}

std::string fields_markdown()
{
    return table_markdown(fields_table(true));
}

std::string fields_manual()
{
    std::string page;
    for (const FieldWords& words : field_words(true))
        page += ".TP\n.B " + roff(words.key) + "\n" + roff(words.meaning) + ".\nTakes " + roff(words.takes) +
                "; left out: " + roff(words.left_out) + ".\n";
    return page;
}

} // namespace weighbridge
