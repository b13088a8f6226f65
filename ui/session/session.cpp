#include "ui/session/session.h"

#include "core/fields/fields.h"
#include "ui/session/architecture_keys.h"
#include "ui/session/text.h"

#include <QDate>
#include <QUndoCommand>
#include <QUndoStack>

#include <algorithm>
#include <array>
#include <utility>

namespace weighbridge {

/// One undo step: the draft before and after.
class DraftCommand : public QUndoCommand
{
public:
    DraftCommand(Session& session, Draft before, Draft after, QString key, int run)
        : session_(session), before_(std::move(before)), after_(std::move(after)), key_(std::move(key)), run_(run)
    {
    }

    void undo() override { session_.apply(before_); }
    void redo() override { session_.apply(after_); }
    int id() const override { return key_.isEmpty() ? -1 : 1; }

    bool mergeWith(const QUndoCommand* other) override
    {
        const auto* next = dynamic_cast<const DraftCommand*>(other);
        if (next == nullptr || next->key_ != key_ || next->run_ != run_)
            return false;
        after_ = next->after_;
        setObsolete(after_ == before_);
        return true;
    }

private:
    Session& session_;
    Draft before_;
    Draft after_;
    QString key_; ///< of the field; empty for steps that never merge
    int run_;
};

namespace {

constexpr int mostUndoSteps = 500;

bool isScenarioKey(std::string_view key)
{
    static constexpr std::array<std::string_view, 6> sections = {"hardware.",  "inference.", "model.",
                                                                 "precision.", "fine_tune.", "train."};
    return std::any_of(sections.begin(), sections.end(),
                       [&](std::string_view section) { return key.starts_with(section); });
}

/// What the form says of a field, under the form's own key. A warning about a key of config.json that the form has no
/// field for (model_type, vision_config) is one about the model.
Issue underFormKey(Issue issue)
{
    const std::string_view key =
        issue.field.starts_with("hardware.devices") ? "hardware.accelerator" : formKeyOf(issue.field);
    if (!key.empty() && key != issue.field)
        issue.field = std::string(key);
    if (issue.severity == Severity::warning && !issue.field.empty() && !isScenarioKey(issue.field))
        issue.field = "model";
    return issue;
}

/// Options of the other tasks are kept for when the task is switched back, which nobody needs to be warned of.
bool isOfAnotherTask(const Scenario& scenario, const Issue& issue)
{
    const ScenarioField* field = field_named(issue.field);
    return field != nullptr && issue.severity != Severity::error && !concerns_task(scenario, *field);
}

} // namespace

Session::Session(QObject* parent) : QObject(parent), undoStack_(new QUndoStack(this))
{
    undoStack_->setUndoLimit(mostUndoSteps);
    pending_.setSingleShot(true);
    pending_.setInterval(0);
    connect(&pending_, &QTimer::timeout, this, &Session::recompute);
    // A test proves that the default preset is bundled and reads.
    if (auto model = load_model(draft_.scenario.model))
        start(draft_.scenario, *model);
}

Session::~Session() = default;

void Session::setField(const QString& key, const QString& text, const QString& label)
{
    Draft after = draft_;
    editField(after, key, text);
    push(std::move(after), key, tr("Edit %1").arg(label.isEmpty() ? key : label));
}

QString Session::fieldText(const QString& key) const
{
    return draftText(draft_, key);
}

bool Session::hasField(const QString& key) const
{
    return hasArchitectureField(draft_, key);
}

bool Session::canEdit(const QString& key) const
{
    return hasArchitectureKey(draft_, key);
}

void Session::setModel(const LoadedModel& model)
{
    const QString what = tr("Choose %1").arg(toQt(model.model->name));
    if (!model.model->published || !model.model->published->stored) {
        setScenario(draft_.scenario, model, what);
        return;
    }
    // Who opens a weights file wants its sizes, whatever precision was tried on another model.
    Scenario scenario = draft_.scenario;
    scenario.precision.weights.reset();
    setScenario(scenario, model, what);
}

void Session::setScenario(const Scenario& scenario, const LoadedModel& model, const QString& what)
{
    Draft after;
    after.scenario = scenario;
    after.scenario.model = model.reference;
    after.model = model;
    // The same model stays one that was edited, so that its edits can still be taken back one by one.
    const bool same = draft_.origin && model.model == draft_.model.model;
    after.origin = same ? draft_.origin : std::make_shared<const LoadedModel>(model);
    // What is wrong in the fields of the workload stays wrong with another model; the architecture's fields are new.
    for (auto invalid = draft_.invalid.cbegin(); invalid != draft_.invalid.cend(); ++invalid)
        if (scenario == draft_.scenario && !findArchitectureField(fromQt(invalid.key())))
            after.invalid.insert(invalid.key(), *invalid);
    push(std::move(after), {}, what);
}

void Session::start(const Scenario& scenario, const LoadedModel& model)
{
    draft_ = {};
    draft_.scenario = scenario;
    draft_.scenario.model = model.reference;
    draft_.model = model;
    draft_.origin = std::make_shared<const LoadedModel>(model);
    undoStack_->clear();
    pending_.stop();
    recompute();
}

void Session::startLike(const Session& other)
{
    draft_ = other.draft_;
    draft_.invalid.clear();
    state_ = other.state_;
    undoStack_->clear();
    pending_.stop();
    recompute();
}

void Session::take(const Session& other, const QString& what)
{
    push(other.draft_, {}, what);
}

std::vector<DeviceGroup> Session::machine() const
{
    const HardwareChoice& hardware = draft_.scenario.hardware;
    DeviceGroup one;
    one.accelerator = hardware.accelerator;
    one.custom = hardware.custom;
    one.memory_in_use_gib = hardware.memory_in_use_gib;
    one.count = hardware.count.value_or(state_.estimate ? state_.estimate->gpus : 1);
    if (hardware.devices.empty())
        return {one};
    std::vector<DeviceGroup> groups = hardware.devices;
    for (DeviceGroup& group : groups) {
        if (!group.accelerator.empty())
            continue;
        group.accelerator = one.accelerator;
        group.custom = one.custom;
    }
    return groups;
}

void Session::pin(const QString& accelerator, bool pinned)
{
    Draft after = draft_;
    std::vector<std::string>& pins = after.scenario.hardware.pinned;
    const std::string id = fromQt(accelerator);
    std::erase(pins, id);
    if (pinned)
        pins.push_back(id);
    push(std::move(after), {}, pinned ? tr("Pin GPU") : tr("Unpin GPU"));
}

void Session::setUnit(ByteUnit unit)
{
    if (state_.unit == unit)
        return;
    state_.unit = unit;
    schedule();
}

void Session::flush()
{
    if (!pending_.isActive())
        return;
    pending_.stop();
    recompute();
}

void Session::apply(const Draft& draft)
{
    draft_ = draft;
    schedule();
}

void Session::push(Draft after, const QString& key, const QString& what)
{
    if (after == draft_)
        return;
    auto* command = new DraftCommand(*this, draft_, std::move(after), key, editRun_);
    command->setText(what);
    undoStack_->push(command);
}

void Session::schedule()
{
    if (!pending_.isActive())
        pending_.start();
}

Question Session::question()
{
    const HardwareChoice& hardware = draft_.scenario.hardware;
    if (hardware.accelerator == "custom" && hardware.custom)
        accelerator_ = *hardware.custom;
    else if (accelerator_.id != hardware.accelerator)
        if (auto found = Catalogue().find(hardware.accelerator))
            accelerator_ = std::move(*found);
    if (!comparisons_ || comparedPins_ != hardware.pinned) {
        comparisons_ = comparison_accelerators(Catalogue(), hardware.pinned);
        comparedPins_ = hardware.pinned;
    }
    Question question;
    question.scenario = draft_.scenario;
    question.today = QDate::currentDate().toString(Qt::ISODate).toStdString();
    question.model = draft_.model.model;
    question.accelerator = accelerator_;
    question.comparisons = comparisons_;
    return question;
}

void Session::collectIssues(const Scenario& scenario, std::vector<Issue> issues)
{
    issues_.clear();
    for (auto invalid = draft_.invalid.cbegin(); invalid != draft_.invalid.cend(); ++invalid)
        issues_.push_back({fromQt(invalid.key()), Severity::error, fromQt(invalid->message)});
    for (Issue& issue : issues)
        if (!isOfAnotherTask(scenario, issue))
            issues_.push_back(underFormKey(std::move(issue)));
    std::stable_sort(issues_.begin(), issues_.end(),
                     [](const Issue& a, const Issue& b) { return a.severity > b.severity; });
}

void Session::recompute()
{
    Examined examined = examine(question());
    collectIssues(draft_.scenario, std::move(examined.issues));
    state_.stale = !issues_.empty() && issues_.front().severity == Severity::error;
    if (!state_.stale && examined.checked)
        state_.estimate = estimate(*examined.checked);
    Q_EMIT changed();
}

} // namespace weighbridge
