#include "app/cli/estimate_command.h"

#include "app/cli/documents.h"
#include "app/cli/messages.h"
#include "app/cli/options.h"
#include "app/cli/report_format.h"
#include "app/cli/resolver.h"
#include "core/answers/more_answers.h"
#include "core/fields/fields.h"
#include "core/fields/method.h"
#include "core/fields/number_text.h"
#include "core/fields/scenario_json.h"
#include "core/files/files.h"
#include "core/quantity/display.h"
#include "core/quantity/nearest.h"
#include "core/sources/hf_config.h"

#include <algorithm>
#include <array>
#include <optional>

namespace weighbridge {

namespace {

constexpr std::array<Option, 24> estimate_options = {{
    {"--gpu", "ID", "a GPU, several (2xrtx_3090,rtx_3060_12), a system", "hardware.accelerator"},
    {"--host-memory", "SIZE", "of the host itself: 128GiB", "hardware.host.memory_gib"},
    {"--tp", "N", "GPUs that share each layer (tensor parallelism)", "hardware.tensor_parallel"},
    {"--pp", "N", "pipeline stages, for engines that have them", "hardware.pipeline_parallel"},
    {"--context", "N", "tokens per sequence: 8192, 8k, 128k, 1M", "inference.sequence_length"},
    {"--concurrency", "N", "sequences at a time", "inference.concurrent_sequences"},
    {"--weights", "FORMAT", "of the weights (weighbridge list formats)", "precision.weights"},
    {"--kv-cache", "FORMAT", "of the KV cache; K,V for two", "precision.kv_cache"},
    {"--engine", "NAME", "weighbridge list engines", "inference.engine"},
    {"--method", "NAME", "of the formulas alone: detailed, book or notebook", ""},
    {"--set", "KEY=VALUE", "any other key of the scenario; may be repeated", ""},
    {"--scenario", "FILE", "a scenario; '-' reads standard input; may be repeated", ""},
    {"--recommend", "", "also which GPUs, servers and racks it fits on", ""},
    {"--usable-share", "SHARE", "of their memory, for --recommend; 92%", ""},
    {"--serving", "", "also how many requests it serves, and how long ones", ""},
    {"--lengths", "LIST", "of requests, for --serving; 2000,8000,32000,128000", ""},
    {"--concurrencies", "LIST", "requests at a time, for --serving; 1,8,32,128", ""},
    {"--savings", "", "also what would lower the peak of a training step", ""},
    {"--format", "NAME", "table, json, csv or markdown", ""},
    {"--output", "FILE", "the ending chooses png, svg, pdf, csv, json, md", ""},
    {"--require-fit", "", "exit with 1 where it does not fit", ""},
    {"--read-as", "FAMILY", "read an unknown model_type as that known one", ""},
    {"--read-unknown-as-llama", "", "read an unknown model_type as a Llama-like decoder", ""},
    {"--help", "", "this text", ""},
}};

constexpr std::string_view estimate_usage =
    R"(Prints how much memory a model needs on each GPU, why, and whether it fits.

Usage: weighbridge estimate MODEL [options]
       weighbridge estimate --scenario FILE [options]

MODEL is a preset (weighbridge list models), a path to a config.json, a model
folder, a .gguf or a .safetensors file (or its index), or hf:org/name. It and
the options go over the scenario's keys, --set goes last. '--scenario -' takes
one JSON object per line; with --format json each is answered by one report on
one line.

)";

constexpr std::string_view statuses = R"(
Exit status: 0 done; 1 does not fit (only with --require-fit); 2 unusable
arguments or input; 3 the network failed.
)";

/// The arguments, checked as far as that goes without a scenario.
struct Request
{
    ParsedArguments arguments;
    std::optional<ModelReference> model;
    std::vector<std::string> scenarios;
    std::string output;
    ReportFormat format = ReportFormat::table;
    bool one_line = false;
    MoreAnswers answers;
};

Outcome read_usable_share(Request& request)
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
Outcome read_answers(Request& request)
{
    const ParsedArguments& arguments = request.arguments;
    request.answers.recommend = arguments.has("--recommend");
    if (request.answers.recommend)
        request.answers.recommend_within = book_usable_share;
    if (arguments.has("--serving"))
        request.answers.serve = ServingRange{};
    request.answers.save = arguments.has("--savings");
    struct Refinement
    {
        std::string_view option;
        std::string_view of;
    };
    for (const Refinement& refinement :
         {Refinement{"--usable-share", "--recommend"}, Refinement{"--lengths", "--serving"},
          Refinement{"--concurrencies", "--serving"}})
        if (arguments.has(refinement.option) && !arguments.has(refinement.of))
            return Error{"", std::string(refinement.option) + " says more about " + std::string(refinement.of) +
                                 ", which is not asked for"};
    if (arguments.has("--usable-share"))
        if (Outcome problem = read_usable_share(request))
            return problem;
    if (arguments.has("--lengths"))
        if (Outcome problem = read_counts(arguments, "--lengths", most_tokens, request.answers.serve->lengths))
            return problem;
    if (arguments.has("--concurrencies"))
        return read_counts(arguments, "--concurrencies", most_sequences, request.answers.serve->concurrencies);
    return {};
}

Result<Request> read_request(std::span<const std::string> arguments)
{
    auto parsed = parse_arguments(arguments, estimate_options);
    if (!parsed)
        return parsed.error();
    Request request;
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
    if (!request.model && request.scenarios.empty())
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
std::string task_of(const Scenario& scenario, const Request& request)
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

/// MODEL and options over the scenario's own keys, --set over both.
Outcome apply_arguments(Scenario& scenario, const Request& request)
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
            Outcome problem =
                gpus ? set_gpus(scenario, value) : set_field(scenario, key_for_task(option->key, task), value);
            if (problem)
                return problem;
        }
    for (const std::string& assignment : request.arguments.values("--set"))
        if (Outcome problem = set_key(scenario, assignment))
            return problem;
    if (request.arguments.has("--read-unknown-as-llama"))
        scenario.model.read_as = llama_like;
    return choose_family(scenario, request.arguments);
}

/// Answers scenarios one after the other into one stream, so that a long list needs no memory.
class Answers
{
public:
    Answers(const Request& request, const Environment& environment, std::ostream& out, std::ostream& err)
        : request_(request), environment_(environment), resolver_(environment), out_(out), err_(err)
    {
    }

    /// Stops at the first scenario that can't be answered; `where` says which that is, if there are several.
    bool answer(Scenario scenario, const std::string& where)
    {
        if (Outcome problem = apply_arguments(scenario, request_))
            return failed(*problem, where, ExitStatus::unusable);
        const auto question = resolver_.resolve(scenario);
        if (!question)
            return failed(question.error(), where, resolver_.status());
        const auto result = estimate(*question);
        if (!result)
            return failed(result.error(), where, ExitStatus::unusable);
        if (!does_fit((*result)->fit.verdict))
            all_fit_ = false;
        const auto answered = with_answers(*result, request_.answers);
        if (!answered)
            return failed(answered.error(), where, ExitStatus::unusable);
        return write(**answered, where);
    }

    bool failed(Error error, const std::string& where, ExitStatus status = ExitStatus::unusable)
    {
        if (!where.empty())
            error.message = where + ": " + error.message;
        status_ = fail(err_, error, status);
        return false;
    }

    ExitStatus status() const
    {
        if (status_ == ExitStatus::done && !all_fit_ && request_.arguments.has("--require-fit"))
            return ExitStatus::does_not_fit;
        return status_;
    }

private:
    bool write(const Estimate& result, const std::string& where)
    {
        if (request_.format == ReportFormat::picture) {
            if (!environment_.write_picture)
                return failed({"", "--output is " + weighbridge::in_quotes(request_.output) +
                                       ", but this build draws no pictures; .csv, .json, .md and .txt are possible"},
                              where);
            const Outcome problem = environment_.write_picture(result, request_.output);
            return problem ? failed(*problem, where) : true;
        }
        if (written_++ > 0 && request_.format != ReportFormat::json)
            out_ << (request_.format == ReportFormat::csv ? "\r\n" : "\n");
        out_ << render(result, request_.format, request_.one_line);
        // Who closed the other end wants no more of it.
        return out_.good() ? true
                           : failed({"", "the report can't be written: standard output is closed or full"}, where);
    }

    const Request& request_;
    const Environment& environment_;
    Resolver resolver_;
    std::ostream& out_;
    std::ostream& err_;
    std::int64_t written_ = 0;
    bool all_fit_ = true;
    ExitStatus status_ = ExitStatus::done;
};

bool answer_stream(Answers& answers, std::istream& in)
{
    DocumentReader reader(in, largest_text_file);
    std::string document;
    bool any = false;
    while (reader.next(document)) {
        any = true;
        const std::string where = "standard input, line " + std::to_string(reader.line());
        auto scenario = read_scenario_text(document, "the scenario");
        if (!scenario)
            return answers.failed(scenario.error(), where);
        if (!answers.answer(std::move(*scenario), where))
            return false;
    }
    if (reader.failed())
        return answers.failed({"", "standard input can't be read: it is closed, or no text"}, {});
    return any || answers.failed({"", "standard input is empty; it must hold a scenario"}, {});
}

bool answer_file(Answers& answers, const std::string& path, bool several)
{
    const auto text = read_file(path);
    if (!text)
        return answers.failed(text.error(), {});
    auto scenario = read_scenario_text(*text, path);
    if (!scenario) {
        const bool named = scenario.error().message.starts_with(path);
        return answers.failed(scenario.error(), named ? std::string() : path);
    }
    return answers.answer(std::move(*scenario), several ? path : std::string());
}

void answer_all(Answers& answers, const Request& request, std::istream& in)
{
    if (request.scenarios.empty())
        answers.answer(Scenario{}, {});
    for (const std::string& path : request.scenarios) {
        const bool going_on =
            path == "-" ? answer_stream(answers, in) : answer_file(answers, path, request.scenarios.size() > 1);
        if (!going_on)
            return;
    }
}

ExitStatus answer_into_file(const Request& request, std::istream& in, std::ostream& err, const Environment& environment)
{
    ReplacedFile file(request.output);
    if (file.problem())
        return fail(err, *file.problem());
    Answers answers(request, environment, file.stream(), err);
    answer_all(answers, request, in);
    if (answers.status() == ExitStatus::unusable || answers.status() == ExitStatus::network_failed)
        return answers.status();
    if (const Outcome problem = file.commit())
        return fail(err, *problem);
    return answers.status();
}

} // namespace

ExitStatus run_estimate(std::span<const std::string> arguments, std::istream& in, std::ostream& out, std::ostream& err,
                        const Environment& environment)
{
    const auto request = read_request(arguments);
    if (!request)
        return fail(err, request.error());
    if (request->arguments.has("--help")) {
        out << estimate_usage << options_help(estimate_options) << statuses;
        return finish(out, err);
    }
    if (!request->output.empty() && request->format != ReportFormat::picture)
        return answer_into_file(*request, in, err, environment);
    Answers answers(*request, environment, out, err);
    answer_all(answers, *request, in);
    return answers.status() == ExitStatus::unusable ? answers.status() : finish(out, err, answers.status());
}

} // namespace weighbridge
