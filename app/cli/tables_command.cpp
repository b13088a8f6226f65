#include "app/cli/tables_command.h"

#include "app/cli/messages.h"
#include "app/cli/options.h"
#include "app/cli/report_format.h"
#include "app/cli/resolver.h"
#include "core/estimate/capacity.h"
#include "core/fields/number_text.h"
#include "core/quantity/nearest.h"
#include "core/report/hardware_tables.h"
#include "core/report/precision_tables.h"
#include "core/report/reference_report.h"
#include "core/sources/presets.h"

#include <array>
#include <utility>

namespace weighbridge {

namespace {

constexpr std::array<Option, 11> tables_options = {{
    {"--all", "", "every preset", ""},
    {"--book-rules", "", "the book appendix's own simple rules", ""},
    {"--context", "N", "tokens of the request of the inference table; 8192", ""},
    {"--training-context", "N", "tokens of a training sequence; 2048", ""},
    {"--lora-fraction", "SHARE", "of the parameters, for --book-rules; 1%", ""},
    {"--usable-share", "SHARE", "of every GPU's memory; 92%", ""},
    {"--sort", "COLUMN", "by a column, as CSV names it: int4_bytes", ""},
    {"--descending", "", "the largest first", ""},
    {"--format", "NAME", "table, json, csv or markdown", ""},
    {"--output", "FILE", "the ending chooses csv, json, md, txt", ""},
    {"--help", "", "this text", ""},
}};

/// Of a cell in a terminal; lists of sources are whole in the other formats.
constexpr std::size_t longest_text = 36;

constexpr std::string_view tables_usage =
    R"(Prints reference tables: inference by precision, KV cache, training, LoRA.

Usage: weighbridge tables [MODEL ...] [options]
       weighbridge tables hardware [options]
       weighbridge tables precision [options]

MODEL is what weighbridge estimate takes; without any, the models of the book
appendix are shown. "hardware" prints every accelerator and system, "precision"
every number format and quantization scheme, all with their sources; both take
--sort, --descending, --format and --output.

)";

Result<std::vector<ModelPointer>> models_of(const ParsedArguments& arguments, const Environment& environment,
                                            ExitStatus& status)
{
    std::vector<std::string> names = arguments.words;
    if (arguments.has("--all"))
        for (const std::string_view name : preset_names())
            names.emplace_back(name);
    if (names.empty())
        for (const std::string_view name : reference_models())
            names.emplace_back(name);
    Resolver resolver(environment);
    std::vector<ModelPointer> models;
    models.reserve(names.size());
    for (const std::string& name : names) {
        auto reference = model_argument(name);
        if (!reference)
            return reference.error();
        Scenario scenario;
        scenario.model = std::move(*reference);
        const auto question = resolver.resolve(scenario);
        if (!question) {
            status = resolver.status();
            return question.error();
        }
        models.push_back(question->model);
    }
    return models;
}

Outcome read_tokens(const ParsedArguments& arguments, std::string_view option, std::int64_t& tokens)
{
    if (!arguments.has(option))
        return {};
    const std::string text = arguments.value(option);
    const auto count = parse_count(text);
    if (!count || *count < 1 || *count > most_tokens)
        return Error{"", std::string(option) + " is " + weighbridge::in_quotes(text) +
                             "; it must be a number of tokens from 1 to 2^30"};
    tokens = *count;
    return {};
}

Outcome read_share(const ParsedArguments& arguments, std::string_view option, double& share)
{
    if (!arguments.has(option))
        return {};
    const std::string text = arguments.value(option);
    const auto value = parse_real(text);
    if (!value || !(*value > 0 && *value <= 1))
        return Error{"", std::string(option) + " is " + weighbridge::in_quotes(text) +
                             "; it must be above 0 and at most 100%"};
    share = *value;
    return {};
}

Result<ReferenceChoice> choice_of(const ParsedArguments& arguments)
{
    ReferenceChoice choice;
    choice.book_rules = arguments.has("--book-rules");
    for (const Outcome& problem : {read_tokens(arguments, "--context", choice.context),
                                   read_tokens(arguments, "--training-context", choice.training_length),
                                   read_share(arguments, "--lora-fraction", choice.lora_fraction),
                                   read_share(arguments, "--usable-share", choice.usable_share)})
        if (problem)
            return *problem;
    return choice;
}

/// The tables that no model has a part in; empty where models are asked for.
Result<std::vector<Table>> catalogue_tables(const ParsedArguments& arguments)
{
    if (arguments.words.empty())
        return std::vector<Table>();
    const std::string& subject = arguments.words.front();
    if (subject != "hardware" && subject != "precision")
        return std::vector<Table>();
    if (arguments.words.size() > 1)
        return Error{"", "tables " + subject + " takes no MODEL; " + weighbridge::in_quotes(arguments.words[1]) +
                             " is one too many"};
    for (const std::string_view option :
         {"--all", "--book-rules", "--context", "--training-context", "--lora-fraction", "--usable-share"})
        if (arguments.has(option))
            return Error{"", std::string(option) + " is about tables of models; tables " + subject + " has none"};
    if (subject == "hardware")
        return std::vector{accelerators_table(), systems_table()};
    return std::vector{number_formats_table(), quantization_table()};
}

} // namespace

ExitStatus run_tables(std::span<const std::string> arguments, std::ostream& out, std::ostream& err,
                      const Environment& environment)
{
    const auto parsed = parse_arguments(arguments, tables_options);
    if (!parsed)
        return fail(err, parsed.error());
    if (parsed->has("--help")) {
        out << tables_usage << options_help(tables_options);
        return finish(out, err);
    }
    const auto format = table_format(*parsed);
    if (!format)
        return fail(err, format.error());
    const auto choice = choice_of(*parsed);
    if (!choice)
        return fail(err, choice.error());
    auto of_catalogue = catalogue_tables(*parsed);
    if (!of_catalogue)
        return fail(err, of_catalogue.error());
    std::vector<Table> tables = std::move(*of_catalogue);
    if (tables.empty()) {
        ExitStatus status = ExitStatus::unusable;
        const auto models = models_of(*parsed, environment, status);
        if (!models)
            return fail(err, models.error(), status);
        tables = reference_report(reference_tables(*models, *choice));
    }
    if (const std::string column = parsed->value("--sort"); parsed->has("--sort"))
        if (const Outcome problem = sort_tables(tables, column, parsed->has("--descending")))
            return fail(err, *problem);
    return deliver(rendered(tables, *format, longest_text), parsed->value("--output"), out, err);
}

} // namespace weighbridge
