#include "ui/form/form.h"

#include "core/engines/engine.h"
#include "core/fields/fields.h"
#include "ui/form/field_label.h"
#include "ui/form/field_layout.h"
#include "ui/form/line_edit.h"
#include "ui/session/architecture_keys.h"
#include "ui/session/text.h"
#include "ui/theme/group_heading.h"
#include "ui/theme/ink.h"

#include <QApplication>
#include <QEvent>
#include <QRegularExpression>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

constexpr int margin = 14;
constexpr int groupGap = 10;
const auto kvDifferKey = u"form.kv_differ"_s;
const auto engineKey = u"inference.engine"_s;
const auto modelKey = u"model"_s;

bool isOwn(const FormField& field)
{
    return field.key.startsWith("form."_L1) || field.key.startsWith("hub."_L1);
}

} // namespace

Form::Form(Session& session, ModelSource& source, QWidget* parent, std::vector<FormField> fields,
           std::vector<FormGroup> groups)
    : QWidget(parent), session_(session), source_(source), column_(new QVBoxLayout(this))
{
    column_->setContentsMargins(margin, 12, margin, margin);
    column_->setSpacing(0);
    for (FormField& field : fields)
        rows_.push_back(Row{std::move(field)});
    for (FormGroup& group : groups)
        groups_.push_back(Group{std::move(group)});
    for (Group& group : groups_)
        addGroup(group);
    column_->addStretch(1);
    fitLabels();
    orderTabs();
    refresh();
    connect(&session_, &Session::changed, this, &Form::refresh);
}

Form::~Form() = default;

void Form::setRecentModels(std::function<QList<RecentModel>()> recentModels)
{
    recentModels_ = std::move(recentModels);
}

void Form::setTop(QWidget* top)
{
    top_ = top;
    column_->insertWidget(0, top);
    column_->insertSpacing(1, 12);
    orderTabs();
}

void Form::addGroup(Group& group)
{
    group.opened = group.group.opens != nullptr && group.group.opens(session_);
    group.space = new QSpacerItem(0, 0, QSizePolicy::Minimum, QSizePolicy::Fixed);
    column_->addItem(group.space);
    if (!group.group.title.isEmpty()) {
        group.heading = new GroupHeading(group.group.title, group.group.folds, this);
        group.heading->setObjectName(u"group."_s + QString::number(static_cast<int>(group.group.group)));
        column_->addWidget(group.heading);
    }
    group.body = new QWidget(this);
    group.layout = new FieldLayout(group.body);
    group.layout->setContentsMargins(0, group.heading != nullptr ? 8 : 0, 0, 0);
    column_->addWidget(group.body);
    if (!group.group.folds) {
        // Rows of a task are made when it is first chosen.
        if (isVisible(group))
            build(group);
        group.shown = !isVisible(group); // so that the first look sets all that goes with it
        showGroup(group);
        return;
    }
    group.space->changeSize(0, groupGap, QSizePolicy::Minimum, QSizePolicy::Fixed);
    group.body->hide();
    const auto index = static_cast<std::size_t>(&group - groups_.data());
    connect(group.heading, &QAbstractButton::toggled, this, [this, index](bool open) {
        Group& toggled = groups_.at(index);
        if (open)
            build(toggled);
        toggled.body->setVisible(open && isVisible(toggled));
    });
    group.heading->setChecked(group.opened);
}

void Form::build(Group& group)
{
    if (group.layout->count() > 0)
        return;
    for (Row& row : rows_)
        if (row.field.group == group.group.group)
            buildRow(row, group);
    fitLabels(group);
    orderTabs();
    for (Row& row : rows_)
        if (row.field.group == group.group.group)
            refreshRow(row);
}

void Form::buildRow(Row& row, Group& group)
{
    row.label = new FieldLabel(row.field.label, row.field.symbol, group.body);
    row.label->setToolTip(row.field.help);
    row.editor = makeRowEditor(row, group.body);
    row.label->setBuddy(row.editor.focus);
    group.layout->addRow(row.label, row.editor.widget, row.editor.focus);
}

FieldEditor Form::makeRowEditor(const Row& row, QWidget* parent)
{
    switch (row.field.kind) {
    case FieldKind::model:
        return makeModelPicker(row, parent);
    case FieldKind::accelerator:
        return makeMachineEdit(row, parent);
    case FieldKind::hub:
        return makeHubRow(row, parent);
    default:
        break;
    }
    const FormField* field = &row.field;
    FieldEvents events;
    events.edited = [this, field](const QString& text) { edit(*field, text); };
    events.left = [this] { session_.endEdit(); };
    return makeEditor(row.field, events, parent);
}

void Form::edit(const FormField& field, const QString& text)
{
    if (field.key == kvDifferKey)
        splitKv(text == "true"_L1);
    else if (!isOwn(field))
        session_.setField(field.key, text, field.label);
}

void Form::splitKv(bool split)
{
    kvDiffers_ = split;
    const PrecisionChoice& precision = session_.scenario().precision;
    if (!split && precision.kv_cache_k != precision.kv_cache_v)
        session_.setField(u"precision.kv_cache"_s, toQt(precision.kv_cache_k), labelOf(u"precision.kv_cache"_s));
    refresh();
}

void Form::refresh()
{
    const PrecisionChoice& precision = session_.scenario().precision;
    if (precision.kv_cache_k != precision.kv_cache_v)
        kvDiffers_ = true;
    for (Group& group : groups_)
        refreshGroup(group);
    for (Row& row : rows_)
        refreshRow(row);
    if (engine_ == session_.scenario().inference.engine)
        return;
    engine_ = session_.scenario().inference.engine;
    for (Group& group : groups_)
        fitLabels(group);
}

/// Groups without a heading read as one.
int Form::gapAbove(const Group& group) const
{
    return group.heading != nullptr ? groupGap : &group == &groups_.front() ? 0 : group.layout->rowGap();
}

void Form::showGroup(Group& group)
{
    const bool visible = isVisible(group);
    if (group.shown == visible)
        return;
    group.shown = visible;
    if (visible && !group.group.folds)
        build(group);
    if (group.heading != nullptr)
        group.heading->setVisible(visible);
    group.body->setVisible(visible && (!group.group.folds || group.heading->isChecked()));
    group.space->changeSize(0, visible ? gapAbove(group) : 0, QSizePolicy::Minimum, QSizePolicy::Fixed);
    column_->invalidate();
}

void Form::refreshGroup(Group& group)
{
    showGroup(group);
    if (group.heading == nullptr)
        return;
    if (group.group.titleNow != nullptr)
        group.heading->setTitle(group.group.titleNow(session_));
    if (group.group.summary != nullptr)
        group.heading->setSummary(group.group.summary(session_));
    if (!group.group.folds)
        return;
    const bool opens = group.group.opens != nullptr && group.group.opens(session_);
    if (opens != group.opened) {
        group.opened = opens;
        // Nobody's field is folded away while it is being edited.
        if (opens || !group.body->isAncestorOf(QApplication::focusWidget()))
            group.heading->setChecked(opens);
    }
    // What is wrong is never hidden in a fold.
    for (const Row& row : rows_) {
        const Issue* issue = row.field.group == group.group.group ? worstIssue(row.field.key) : nullptr;
        if (issue != nullptr && issue->severity == Severity::error && isVisible(row.field))
            group.heading->setChecked(true);
    }
}

void Form::refreshRow(Row& row)
{
    if (row.editor.widget == nullptr)
        return;
    const FormField& field = row.field;
    const bool visible = isVisible(field);
    row.label->setVisible(visible);
    row.editor.widget->setVisible(visible);
    if (field.key == kvDifferKey)
        row.editor.show(kvDiffers_ ? u"true"_s : u"false"_s);
    else if (!isOwn(field))
        row.editor.show(field.inUse != nullptr && worstError(field.key) == nullptr ? field.inUse(session_)
                                                                                   : session_.fieldText(field.key));
    if (field.suffix != nullptr && row.editor.showSuffix)
        row.editor.showSuffix(field.suffix(session_));
    if (field.placeholder && row.editor.showPlaceholder)
        row.editor.showPlaceholder(field.placeholder(session_));
    if (field.key.startsWith("model."_L1)) {
        const bool has = session_.hasField(field.key);
        const bool edits = has && session_.canEdit(field.key);
        row.label->setEnabled(edits);
        row.editor.widget->setEnabled(edits);
        row.editor.focus->setToolTip(
            edits ? field.help
            : has ? tr("Follows from other fields, or differs from layer to layer, in this family of models; "
                       "Model ▸ Edit as custom architecture frees it")
                  : tr("This family of models has no such field; Model ▸ Edit as custom architecture does"));
        if (row.editor.showPlaceholder)
            row.editor.showPlaceholder(has ? QString() : u"–"_s);
    }
    const Issue* issue = visible ? worstIssue(field.key) : nullptr;
    if (issue == nullptr && field.key == engineKey) {
        const Issue ignored{{}, Severity::warning, fromQt(ignoredOptions())};
        showNotes(row, ignored.message.empty() ? nullptr : &ignored);
        return;
    }
    showNotes(row, issue);
}

void Form::showNotes(Row& row, const Issue* issue)
{
    const bool error = issue != nullptr && issue->severity == Severity::error;
    if (row.field.kind == FieldKind::hub)
        return; // has a status line of its own
    if (row.editor.focus->property(invalidProperty).toBool() != error) {
        row.editor.focus->setProperty(invalidProperty, error);
        row.editor.focus->update();
    }
    const QString words = issue != nullptr ? wordsOf(*issue) : QString();
    if (row.editor.focus->accessibleDescription() != words)
        row.editor.focus->setAccessibleDescription(words);
    if (issue == nullptr) {
        if (row.note != nullptr)
            row.note->hide();
        return;
    }
    if (row.note == nullptr) {
        Group& group = groupOf(row);
        row.note = new FieldNote(group.body);
        row.note->setObjectName(row.field.key + ".note"_L1);
        group.layout->setNote(row.editor.widget, row.note);
    }
    row.note->say(issue->severity, words);
    row.note->show();
}

const Issue* Form::worstIssue(const QString& key) const
{
    const std::string name = fromQt(key);
    for (const Issue& issue : session_.issues())
        if (issue.field == name ||
            (issue.field == "precision.kv_cache" && name == "precision.kv_cache.k" && kvDiffers_))
            return &issue; // they come worst first
    return nullptr;
}

const Issue* Form::worstError(const QString& key) const
{
    const Issue* issue = worstIssue(key);
    return issue != nullptr && issue->severity == Severity::error ? issue : nullptr;
}

bool Form::isVisible(const FormField& field) const
{
    const bool caches = session_.scenario().training() == nullptr;
    if (field.key == "precision.kv_cache"_L1)
        return caches && !kvDiffers_;
    if (field.key.startsWith("precision.kv_cache."_L1))
        return caches && kvDiffers_;
    if (!field.visible || field.visible(session_))
        return true;
    return worstError(field.key) != nullptr; // nothing wrong is out of reach
}

bool Form::isVisible(const Group& group) const
{
    return std::any_of(rows_.begin(), rows_.end(),
                       [&](const Row& row) { return row.field.group == group.group.group && isVisible(row.field); });
}

QString Form::ignoredOptions() const
{
    QStringList words;
    for (const Issue& issue : session_.issues()) {
        const Row* row = findRow(toQt(issue.field));
        if (row == nullptr || isVisible(row->field))
            continue;
        const ScenarioField* option = field_named(issue.field);
        if (option != nullptr && !is_read(session_.scenario(), *option))
            words << wordsOf(issue);
    }
    return words.join(u'\n');
}

bool Form::reveal(const QString& key)
{
    Row* row = findRow(key);
    if (row == nullptr)
        return false;
    if (!isVisible(row->field))
        return false;
    Group& group = groupOf(*row);
    if (group.heading != nullptr && group.group.folds)
        group.heading->setChecked(true);
    row->editor.focus->setFocus(Qt::OtherFocusReason);
    for (QWidget* above = parentWidget(); above != nullptr; above = above->parentWidget()) {
        auto* area = qobject_cast<QScrollArea*>(above);
        if (area == nullptr)
            continue;
        layout()->activate();
        area->ensureWidgetVisible(row->editor.focus, 20, 60);
        break;
    }
    return true;
}

QString Form::labelOf(const QString& key) const
{
    const Row* row = findRow(key);
    return row == nullptr ? key : row->field.label;
}

QString Form::wordsOf(const Issue& issue) const
{
    const QString key = toQt(issue.field);
    QString words = toQt(issue.message);
    if (key == modelKey)
        return words; // about keys of config.json, which stay spelled as they are
    const Row* row = findRow(key);
    if (row != nullptr && !key.isEmpty())
        words.replace(key, row->field.label);
    if (key.startsWith("model."_L1))
        nameConfigKeys(words);
    // An option stays spelled as its engine spells it, and so does the engine's name.
    const bool isName = std::ranges::any_of(
        engines(), [&](const Engine* engine) { return words.startsWith(toQt(std::string(engine->name))); });
    if (!words.isEmpty() && !isName && (row == nullptr || !words.startsWith(row->field.label)))
        words[0] = words.at(0).toUpper();
    return words;
}

void Form::nameConfigKeys(QString& words) const
{
    const auto name = [&](const QString& spelling, std::string_view key) {
        words.replace(QRegularExpression(u"\\b"_s + spelling + u"\\b"_s), labelOf(toQt(key)));
    };
    for (const ConfigSpelling& spelling : configSpellings())
        name(toQt(spelling.spelling), spelling.key);
    for (const ArchitectureKey& row : architectureKeys())
        name(toQt(row.key.substr(architecturePrefix.size())), row.key);
}

QString Form::token() const
{
    const Row* row = findRow(u"hub.token"_s);
    const auto* edit = row == nullptr ? nullptr : qobject_cast<const LineEdit*>(row->editor.widget);
    return edit == nullptr ? QString() : edit->text();
}

QList<QWidget*> Form::focusOrder() const
{
    QList<QWidget*> order;
    if (top_ != nullptr)
        order.append(top_);
    for (const Group& group : groups_) {
        if (group.heading != nullptr && group.group.folds)
            order.append(group.heading);
        for (const Row& row : rows_) {
            if (row.field.group != group.group.group || row.editor.widget == nullptr)
                continue;
            if (row.editor.parts) {
                order.append(row.editor.parts());
                continue;
            }
            order.append(row.editor.focus);
            if (row.field.kind == FieldKind::hub)
                for (QWidget* button : row.editor.widget->findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly))
                    if (button != row.editor.focus && button->focusPolicy() != Qt::NoFocus)
                        order.append(button);
        }
    }
    return order;
}

void Form::orderTabs()
{
    const QList<QWidget*> order = focusOrder();
    for (qsizetype i = 1; i < order.size(); ++i)
        setTabOrder(order.at(i - 1), order.at(i));
}

void Form::fitLabels()
{
    labelWidth_ = 0;
    for (const Row& row : rows_)
        if (row.field.group != FieldGroup::engine)
            labelWidth_ = std::max(labelWidth_, FieldLabel::widthFor(row.field.label, row.field.symbol, font()));
    for (Group& group : groups_)
        fitLabels(group);
}

void Form::fitLabels(Group& group)
{
    if (group.group.group != FieldGroup::engine) {
        group.layout->setLabelWidth(labelWidth_);
        return;
    }
    // Options have long names: in one column with all other labels they would push every editor aside.
    int width = 0;
    for (const Row& row : rows_)
        if (row.field.group == FieldGroup::engine && isVisible(row.field))
            width = std::max(width, FieldLabel::widthFor(row.field.label, row.field.symbol, font()));
    group.layout->setLabelWidth(width);
}

QSize Form::sizeHint() const
{
    return {labelWidth_ + 10 + fontMetrics().averageCharWidth() * 27 + 2 * margin, QWidget::sizeHint().height()};
}

void Form::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    const bool font = event->type() == QEvent::FontChange;
    if (font || event->type() == QEvent::PaletteChange)
        for (FieldNote* note : findChildren<FieldNote*>())
            note->dress();
    if (!font)
        return;
    for (Group& group : groups_)
        if (group.shown)
            group.space->changeSize(0, gapAbove(group), QSizePolicy::Minimum, QSizePolicy::Fixed);
    column_->invalidate();
    fitLabels();
    updateGeometry();
}

Form::Row* Form::findRow(const QString& key)
{
    const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const Row& row) { return row.field.key == key; });
    return found == rows_.end() ? nullptr : &*found;
}

const Form::Row* Form::findRow(const QString& key) const
{
    const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const Row& row) { return row.field.key == key; });
    return found == rows_.end() ? nullptr : &*found;
}

Form::Group& Form::groupOf(const Row& row)
{
    return *std::find_if(groups_.begin(), groups_.end(),
                         [&](const Group& group) { return group.group.group == row.field.group; });
}

} // namespace weighbridge
