#pragma once

#include "core/fields/number_text.h"
#include "ui/session/session.h"

#include <QList>
#include <QString>

#include <functional>
#include <optional>
#include <vector>

namespace weighbridge {

struct Engine;
struct ScenarioField;

/// Where a row stands. Above all headings is what people decide; below it what has a default, in folds.
enum class FieldGroup
{
    model,
    workload,       ///< of inference: the engine, how long, how many at a time
    fineTuneMethod, ///< of each task that trains: what everybody sets, what is trained, folds of options with defaults
    fineTuneTrained,
    fineTuneAdapters,
    fineTuneOptimizer,
    fineTuneActivations,
    fineTuneSharding,
    trainMethod,
    trainTrained,
    trainAdapters,
    trainOptimizer,
    trainActivations,
    trainSharding,
    machine,   ///< the GPUs and their host
    precision, ///< how much of the memory may be used, and in which formats
    layout,    ///< how the GPUs share the work
    traffic,   ///< what is asked of a server, and what is wanted of its speed
    engine,    ///< the options of the engine that is chosen
    assumptions,
    architecture,
    experts,
    attention,
    hubAccess,
};

enum class FieldKind
{
    model,       ///< the model picker
    hub,         ///< Hugging Face ID with its button and status
    accelerator, ///< the GPUs: kinds with their counts
    count,       ///< whole numbers, "8k", "4*8192"
    real,
    choice,
    format, ///< number formats; other widths may be typed
    flag,
    text,
    secret, ///< shown as dots, kept nowhere
};

/// What the arrow keys do to a number.
enum class FieldStep
{
    one,
    doubling,
    by128,
    tenth,
};

struct FieldChoice
{
    QString value;
    QString label;
    QString detail; ///< shown at the right, paler
};

/// One row of the form: all there is to know about a field. The builder makes the editor from it.
struct FormField
{
    QString key = {}; ///< of Session::setField; also the editor's objectName
    FieldGroup group = FieldGroup::model;
    FieldKind kind = FieldKind::count;
    QString label = {};
    QString symbol = {}; ///< as the formulas call it: h, h_ffn, L
    QString unit = {};   ///< shown inside the editor
    QString help = {};   ///< tool tip
    FieldStep step = FieldStep::one;
    CountUnit countUnit = CountUnit::plain;           ///< of counts: what their suffixes mean
    std::function<bool(const Session&)> visible = {}; ///< always, when empty
    std::function<QList<FieldChoice>()> choices = {}; ///< of choices and formats
    /// One of them by its value, where making all of them takes a while; they are made when somebody looks.
    std::function<std::optional<FieldChoice>(const QString&)> choice = {};
    QString (*suffix)(const Session&) = nullptr;             ///< in place of `unit`, when it depends on the scenario
    std::function<QString(const Session&)> placeholder = {}; ///< shown while the field is empty
    std::function<QString(const Session&)> inUse = {};       ///< the value shown, where it is not the scenario's own
};

/// Every field of the form, in the order of the form.
std::vector<FormField> formFields();

struct FormGroup
{
    FieldGroup group;
    QString title; ///< empty: no heading
    bool folds = false;
    QString (*summary)(const Session&) = nullptr;
    bool (*opens)(const Session&) = nullptr;       ///< whether it starts unfolded, and unfolds when this becomes true
    QString (*titleNow)(const Session&) = nullptr; ///< in place of `title`, when it depends on the scenario
};

/// Whether the task trains.
bool trains(const Session& session);

/// Whether a field says what is asked of a server, or is wanted of its speed.
bool isTraffic(const ScenarioField& field);

/// The engine that is chosen; null where it is none.
const Engine* engineOf(const Session& session);

/// Whether inference is counted as the notebook counts it.
bool countsAsNotebook(const Session& session);

/// The groups, in order.
std::vector<FormGroup> formGroups();

} // namespace weighbridge
