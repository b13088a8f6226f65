#pragma once

#include "core/estimate/estimate.h"
#include "ui/session/draft.h"
#include "ui/session/loaded_model.h"
#include "ui/session/view_state.h"

#include <QObject>
#include <QString>
#include <QTimer>

#include <memory>
#include <vector>

class QUndoStack;

namespace weighbridge {

/// The scenario being edited, its undo steps and the current estimate. Nothing else changes a Scenario; views get
/// `state()`. Edits in one turn of the event loop are answered by one recomputation and one `changed()`.
class Session : public QObject
{
    Q_OBJECT

public:
    /// Starts with the default scenario (Llama-3.1-8B on one H100), already estimated.
    explicit Session(QObject* parent = nullptr);
    ~Session() override;

    const Scenario& scenario() const { return draft_.scenario; }
    /// The model of the scenario as it stands (also while other fields are invalid). Never null.
    const ModelPointer& model() const { return draft_.model.model; }
    const LoadedModel& loadedModel() const { return draft_.model; }
    /// The accelerator as it stands.
    const Accelerator& accelerator() const { return accelerator_; }
    /// The GPUs as groups; of a machine that is no list, one of the kind that is chosen, as many as its layout takes.
    std::vector<DeviceGroup> machine() const;
    /// The estimate that views show; `stale` while the form is invalid.
    const ViewState& state() const { return state_; }
    /// Errors, warnings and notes of the form as it stands, errors first; fields are form keys where the form has such
    /// a field.
    const std::vector<Issue>& issues() const { return issues_; }
    const QUndoStack& undoStack() const { return *undoStack_; }
    QUndoStack& undoStack() { return *undoStack_; }

    /// A field's text as typed (keys: see editField). Text that can't be used leaves the scenario as it was, is
    /// remembered and becomes an error issue of that field until it is mended or undone. Consecutive edits of one field
    /// merge into one undo step, named "Edit `label`".
    void setField(const QString& key, const QString& text, const QString& label = {});
    /// Ends the run of edits that merge: the next edit of the same field is an undo step of its own.
    void endEdit() { ++editRun_; }
    /// The text an editor should hold: what was typed while it is invalid, else the scenario's value.
    QString fieldText(const QString& key) const;
    /// Whether the field holds text that can't be used.
    bool isInvalid(const QString& key) const { return draft_.invalid.contains(key); }
    /// Whether the model's family has that architecture field.
    bool hasField(const QString& key) const;
    /// Whether that field can be edited: one that the config has no key for only shows what follows from others.
    bool canEdit(const QString& key) const;

    /// A model from a preset, a file or the Hub, with its config so that fields can be edited. One undo step.
    void setModel(const LoadedModel& model);
    /// Everything at once, as one undo step called `what`.
    void setScenario(const Scenario& scenario, const LoadedModel& model, const QString& what);
    /// The same without a way back: for start-up.
    void start(const Scenario& scenario, const LoadedModel& model);
    /// Starts where another session stands, without what is invalid there: for a copy to try things on.
    void startLike(const Session& other);
    /// Becomes what another session is, in one undo step called `what`.
    void take(const Session& other, const QString& what);
    void pin(const QString& accelerator, bool pinned);
    void setUnit(ByteUnit unit);

    /// Recomputes at once what is pending; for start-up and tests.
    void flush();

Q_SIGNALS:
    /// The scenario, the estimate, the issues or the unit changed. At most once per turn of the event loop.
    void changed();

private:
    friend class DraftCommand;

    void apply(const Draft& draft);
    void push(Draft after, const QString& key, const QString& what);
    void schedule();
    void recompute();
    Question question();
    void collectIssues(const Scenario& scenario, std::vector<Issue> issues);

    Draft draft_;
    Accelerator accelerator_;
    std::shared_ptr<const std::vector<Accelerator>> comparisons_;
    std::vector<std::string> comparedPins_;
    ViewState state_;
    std::vector<Issue> issues_;
    QUndoStack* undoStack_;
    QTimer pending_;
    int editRun_ = 0;
};

} // namespace weighbridge
