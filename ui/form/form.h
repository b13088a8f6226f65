#pragma once

#include "ui/form/field_editor.h"
#include "ui/form/field_note.h"
#include "ui/form/form_field.h"
#include "ui/settings/settings.h"

#include <QList>
#include <QString>
#include <QWidget>

#include <functional>
#include <string>
#include <vector>

class QLabel;
class QSpacerItem;
class QVBoxLayout;

namespace weighbridge {

class FieldLayout;
class GroupHeading;
class ModelSource;

/// The form: built from the table of fields, in step with the session. Groups that are folded are built when they are
/// first unfolded.
class Form : public QWidget
{
    Q_OBJECT

public:
    /// `fields` and `groups`: all of them, or the few that a page of its own is about.
    Form(Session& session, ModelSource& source, QWidget* parent = nullptr, std::vector<FormField> fields = formFields(),
         std::vector<FormGroup> groups = formGroups());
    ~Form() override;

    void setRecentModels(std::function<QList<RecentModel>()> recentModels);
    /// What stands above the first field.
    void setTop(QWidget* top);

    /// Unfolds, shows and focuses the editor of that key. False when the form has no such field.
    bool reveal(const QString& key);
    /// What the field is called, or the key where there is none.
    QString labelOf(const QString& key) const;
    /// An issue in words that name fields as the form does.
    QString wordsOf(const Issue& issue) const;
    /// What was typed into the token field; never kept anywhere else.
    QString token() const;
    /// All that can take the focus, in order.
    QList<QWidget*> focusOrder() const;

    /// As wide as labels and editors want to be at the current font.
    QSize sizeHint() const override;

    void refresh();

Q_SIGNALS:
    /// "preset:NAME", "recent:INDEX", "custom".
    void modelChosen(const QString& value);

protected:
    void changeEvent(QEvent* event) override;

private:
    struct Row
    {
        FormField field;
        QLabel* label = nullptr;
        FieldEditor editor = {};
        FieldNote* note = nullptr;
    };
    struct Group
    {
        FormGroup group;
        QSpacerItem* space = nullptr; ///< above heading and rows
        GroupHeading* heading = nullptr;
        QWidget* body = nullptr;
        FieldLayout* layout = nullptr;
        bool opened = false; ///< what group.opens said last
        bool shown = true;   ///< whether it has a row in sight
    };

    void addGroup(Group& group);
    void build(Group& group);
    void buildRow(Row& row, Group& group);
    FieldEditor makeRowEditor(const Row& row, QWidget* parent);
    FieldEditor makeModelPicker(const Row& row, QWidget* parent);
    FieldEditor makeMachineEdit(const Row& row, QWidget* parent);
    FieldEditor makeHubRow(const Row& row, QWidget* parent);
    void edit(const FormField& field, const QString& text);
    void fetch(const QString& text);
    void splitKv(bool split);

    void refreshGroup(Group& group);
    int gapAbove(const Group& group) const;
    /// A group without a row in sight has no heading either.
    void showGroup(Group& group);
    void refreshRow(Row& row);
    void showNotes(Row& row, const Issue* issue);
    const Issue* worstIssue(const QString& key) const;
    const Issue* worstError(const QString& key) const;
    bool isVisible(const FormField& field) const;
    bool isVisible(const Group& group) const;
    /// Options of other engines that are set and ignored, to be said beside the engine; empty where there are none.
    QString ignoredOptions() const;
    QString modelDetail() const;
    void nameConfigKeys(QString& words) const;
    void fitLabels();
    void fitLabels(Group& group);
    void orderTabs();
    Row* findRow(const QString& key);
    const Row* findRow(const QString& key) const;
    Group& groupOf(const Row& row);

    Session& session_;
    ModelSource& source_;
    std::function<QList<RecentModel>()> recentModels_;
    QVBoxLayout* column_;
    QWidget* top_ = nullptr;
    std::vector<Row> rows_;
    std::vector<Group> groups_;
    int labelWidth_ = 0;
    std::string engine_; ///< whose options are in sight
    bool kvDiffers_ = false;
};

} // namespace weighbridge
