#include "app/cli/estimate_request.h"

#include "app/cli/machine_command.h"
#include "app/cli/resolver.h"
#include "core/fields/fields.h"
#include "core/fields/method.h"
#include "core/fields/number_text.h"
#include "core/quantity/display.h"
#include "core/quantity/nearest.h"
#include "core/sources/hf_config.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

constexpr std::string_view ttft_key = "wanted.time_to_first_token_seconds";
constexpr std::string_view tpot_key = "wanted.time_per_output_token_seconds";

constexpr std::array<Option, 40> option_rows = {{
    {"--gpu", "ID", "a GPU, several (2xrtx_3090,rtx_3060_12), system, this", "hardware.accelerator"},
    {"--host-memory", "SIZE", "of the host itself: 128GiB", "hardware.host.memory_gib"},
    {"--tp", "N", "GPUs that share each layer (tensor parallelism)", "hardware.tensor_parallel"},
    {"--pp", "N", "pipeline stages, for engines that have them", "hardware.pipeline_parallel"},
    {"--context", "N", "tokens per sequence: 8192, 8k, 128k, 1M", "inference.sequence_length"},
    {"--concurrency", "N", "sequences at a time", "inference.concurrent_sequences"},
    {"--prompt", "N", "tokens of a prompt, mean", "workload.prompt_tokens"},
    {"--answer", "N", "tokens of an answer, mean", "workload.answer_tokens"},
    {"--requests", "N", "requests at a time; 4/s: so many a second", ""},
    {"--weights", "FORMAT", "of the weights (weighbridge list formats)", "precision.weights"},
    {"--kv-cache", "FORMAT", "of the KV cache; K,V for two", "precision.kv_cache"},
    {"--engine", "NAME", "weighbridge list engines", "inference.engine"},
    {"--method", "NAME", "of the formulas alone: detailed, book or notebook", ""},
    {"--set", "KEY=VALUE", "any other key of the scenario; may be repeated", ""},
    {"--scenario", "FILE", "a scenario; '-' reads standard input; may be repeated", ""},
    {"--from-command", "FILE", "of a launch command or its file; '-' as above", ""},
    {"--launch", "TOOL", "the command or file that starts it so; docker:vllm", ""},
    {"--recommend", "", "also which GPUs, servers and racks it fits on", ""},
    {"--usable-share", "SHARE", "of their memory, for --recommend; the verdict's", ""},
    {"--serving", "", "also how many requests it serves, and how long ones", ""},
    {"--lengths", "LIST", "of requests, for --serving; 2000,8000,32000,128000", ""},
    {"--concurrencies", "LIST", "requests at a time, for --serving; 1,8,32,128", ""},
    {"--savings", "", "also what would lower the peak of a training step", ""},
    {"--levers", "", "also what would make it fit, or free memory", ""},
    {"--limit", "N", "so many of them at most, for --levers", ""},
    {"--ladder", "", "also what it weighs in every format, and what fits", ""},
    {"--ladder-weights", "LIST", "formats of weights, for --ladder", ""},
    {"--ladder-kv", "LIST", "formats of the KV cache, for --ladder", ""},
    {"--solve", "KEY", "also the largest or smallest value that fits", ""},
    {"--compare", "[KEY=LIST]", "scenarios, or one key varied, held side by side", ""},
    {"--plan", "FILE", "deployments of a file of candidates, held side by side", ""},
    {"--timeline", "", "also a training step from left to right", ""},
    {"--format", "NAME", "table, json, csv or markdown", ""},
    {"--output", "FILE", "the ending chooses png, svg, pdf, csv, json, md", ""},
    {"--require-fit", "", "exit with 1 where it does not fit", ""},
    {"--require-ttft", "SECONDS", "exit with 1 where the first token takes longer", ttft_key},
    {"--require-tpot", "SECONDS", "the same of each output token after it", tpot_key},
    {"--read-as", "FAMILY", "read an unknown model_type as that known one", ""},
    {"--read-unknown-as-llama", "", "read an unknown model_type as a Llama-like decoder", ""},
    {"--help", "", "this text", ""},
}};

Outcome read_usable_share(EstimateRequest& request)
{
    const std::string text = request.arguments.value("--usable-share");
    const auto share = parse_real(text);
    if (!share || !(*share > 0 && *share <= 1))
        return Error{"", "--usable-share is " + weighbridge::in_quotes(text) + "; it must be above 0 and at most 100%"};
    request.answers.recommend_within = *share;
    return {};
}

Outcome read_counts(const ParsedArguments& arguments, std::string_view option, std::int64_t most,
                    std::vector<std::int64_t>& counts)
{
    auto read = parse_counts(arguments.value(option), option, most);
    if (!read)
        return read.error();
    counts = std::move(*read);
    return {};
}

/// What takes longer than an estimate is answered only where it is asked for.
Outcome read_answers(EstimateRequest& request)
{
    const ParsedArguments& arguments = request.arguments;
    request.answers.recommend = arguments.has("--recommend");
    if (arguments.has("--serving"))
        request.answers.serve = ServingRange{};
    request.answers.save = arguments.has("--savings");
    request.answers.solve = arguments.values("--solve");
    if (arguments.has("--ladder"))
        request.answers.ladder =
            LadderRange{list_in(arguments.value("--ladder-weights")), list_in(arguments.value("--ladder-kv"))};
    request.answers.timeline = arguments.has("--timeline");
    request.answers.levers = arguments.has("--levers");
    struct Refinement
    {
        std::string_view option;
        std::string_view of;
    };
    for (const Refinement& refinement :
         {Refinement{"--usable-share", "--recommend"}, Refinement{"--lengths", "--serving"},
          Refinement{"--ladder-weights", "--ladder"}, Refinement{"--ladder-kv", "--ladder"},
          Refinement{"--limit", "--levers"}, Refinement{"--concurrencies", "--serving"}})
        if (arguments.has(refinement.option) && !arguments.has(refinement.of))
            return Error{"", std::string(refinement.option) + " says more about " + std::string(refinement.of) +
                                 ", which is not asked for"};
    if (arguments.has("--usable-share"))
        if (Outcome problem = read_usable_share(request))
            return problem;
    if (arguments.has("--limit")) {
        std::vector<std::int64_t> limit;
        if (Outcome problem = read_counts(arguments, "--limit", 1'000'000, limit))
            return problem;
        request.answers.levers_limit = static_cast<std::size_t>(limit.front());
    }
    if (arguments.has("--lengths"))
        if (Outcome problem = read_counts(arguments, "--lengths", most_tokens, request.answers.serve->lengths))
            return problem;
    if (arguments.has("--concurrencies"))
        return read_counts(arguments, "--concurrencies", most_sequences, request.answers.serve->concurrencies);
    return {};
}

Outcome set_key(Scenario& scenario, const std::string& assignment)
{
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos)
        return Error{"", "--set is " + weighbridge::in_quotes(assignment) + "; it must be KEY=VALUE"};
    const std::string key = assignment.substr(0, equals);
    const std::string value = assignment.substr(equals + 1);
    if (key != "model")
        return set_field(scenario, key, value);
    auto model = model_argument(value);
    if (!model)
        return model.error();
    scenario.model = std::move(*model);
    return {};
}

/// The task that the scenario will have once --set has been applied.
std::string task_of(const Scenario& scenario, const EstimateRequest& request)
{
    constexpr std::string_view assignment = "task=";
    std::string task = scenario.task;
    for (const std::string& given : request.arguments.values("--set"))
        if (given.starts_with(assignment))
            task = given.substr(assignment.size());
    return task;
}

/// What --context and --concurrency mean is named differently in training.
std::string key_for_task(std::string_view key, const std::string& task)
{
    if (task != "fine_tune" && task != "train")
        return std::string(key);
    if (key == "inference.sequence_length")
        return task + ".sequence_length";
    return key == "inference.concurrent_sequences" ? task + ".micro_batch_size" : std::string(key);
}

Outcome choose_family(Scenario& scenario, const ParsedArguments& arguments)
{
    if (!arguments.has("--read-as"))
        return {};
    const std::string family = arguments.value("--read-as");
    if (!is_readable_as(family)) {
        std::vector<std::string_view> names = known_families();
        names.push_back(llama_like);
        return Error{"", "--read-as is " + weighbridge::in_quotes(family) + ", which is no family" +
                             nearest_clause(family, names) + "; it must be a known model_type or " +
                             std::string(llama_like)};
    }
    scenario.model.read_as = family;
    return {};
}

/// "32" at a time, "4/s" a second.
Outcome set_requests(Scenario& scenario, std::string_view text)
{
    constexpr std::string_view per_second = "/s";
    const bool rate = text.ends_with(per_second);
    const std::string_view other = rate ? "workload.concurrent_requests" : "workload.requests_per_second";
    unset_field(scenario, *field_named(other));
    if (rate)
        text.remove_suffix(per_second.size());
    return set_field(scenario, rate ? "workload.requests_per_second" : "workload.concurrent_requests", text);
}

} // namespace

std::span<const Option> estimate_options()
{
    return option_rows;
}

std::vector<std::string> list_in(std::string_view text)
{
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        if (end > 0)
            parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

Result<EstimateRequest> read_request(std::span<const std::string> arguments)
{
    auto parsed = parse_arguments(arguments, option_rows);
    if (!parsed)
        return parsed.error();
    EstimateRequest request;
    request.arguments = std::move(*parsed);
    if (request.arguments.has("--help"))
        return request;
    const auto& words = request.arguments.words;
    if (words.size() > 1)
        return Error{"", "estimate takes one MODEL; " + weighbridge::in_quotes(words[1]) + " is one too many"};
    if (!words.empty()) {
        auto model = model_argument(words.front());
        if (!model)
            return model.error();
        request.model = std::move(*model);
    }
    request.scenarios = request.arguments.values("--scenario");
    request.from_command = request.arguments.value("--from-command");
    if (!request.from_command.empty() && (!request.scenarios.empty() || request.arguments.has("--compare")))
        return Error{"", "--from-command gives a scenario; --scenario and --compare have no place beside it"};
    if (!request.model && request.scenarios.empty() && request.from_command.empty())
        return Error{"", "estimate needs a MODEL or --scenario FILE; see weighbridge estimate --help"};
    request.output = request.arguments.value("--output");
    if (request.arguments.has("--output") && request.output.empty())
        return Error{"", "--output is \"\"; it must be a file's name"};
    const auto format = report_format(request.arguments.given("--format"), request.output);
    if (!format)
        return format.error();
    request.format = *format;
    if (Outcome problem = read_answers(request))
        return *problem;
    const bool from_stream =
        !request.scenarios.empty() && (request.scenarios.size() > 1 || request.scenarios.front() == "-");
    if (from_stream && request.format == ReportFormat::picture)
        return Error{"", "--output is " + weighbridge::in_quotes(request.output) +
                             "; a picture shows one scenario, from MODEL or one --scenario FILE"};
    request.one_line = from_stream;
    return request;
}

Outcome set_varied(Scenario& scenario, const std::string& assignment)
{
    const std::size_t equals = assignment.find('=');
    std::string key = assignment.substr(0, equals);
    const std::string value = assignment.substr(equals + 1);
    if (key != "model" && field_named(key) == nullptr)
        for (const std::string_view group : {"inference.", "precision.", "hardware.", "fine_tune.", "train."})
            if (field_named(std::string(group) + key) != nullptr) {
                key.insert(0, group);
                break;
            }
    if (key == "hardware.accelerator")
        return set_gpus(scenario, value);
    return set_key(scenario, key + "=" + value);
}

Outcome apply_arguments(Scenario& scenario, const EstimateRequest& request)
{
    if (request.model)
        scenario.model = *request.model;
    if (request.arguments.has("--method"))
        if (Outcome problem = choose_counting_method(scenario, request.arguments.value("--method")))
            return problem;
    const std::string task = task_of(scenario, request);
    for (const auto& [option, value] : request.arguments.options)
        if (!option->key.empty()) {
            const bool gpus = option->key == "hardware.accelerator";
            const auto machine = gpus ? machine_called(value) : std::nullopt;
            if (machine && !*machine)
                return machine->error();
            Outcome problem = machine ? take_machine(scenario, **machine)
                              : gpus  ? set_gpus(scenario, value)
                                      : set_field(scenario, key_for_task(option->key, task), value);
            if (problem)
                return problem;
        }
    if (request.arguments.has("--requests"))
        if (Outcome problem = set_requests(scenario, request.arguments.value("--requests")))
            return problem;
    for (const std::string& assignment : request.arguments.values("--set"))
        if (Outcome problem = set_key(scenario, assignment))
            return problem;
    if (request.arguments.has("--read-unknown-as-llama"))
        scenario.model.read_as = llama_like;
    return choose_family(scenario, request.arguments);
}

} // namespace weighbridge
