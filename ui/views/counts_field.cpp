#include "ui/views/counts_field.h"

#include "core/fields/number_text.h"
#include "ui/form/field_note.h"
#include "ui/form/line_edit.h"
#include "ui/theme/ink.h"
#include "ui/theme/text.h"

#include <QEvent>
#include <QGridLayout>
#include <QLabel>

namespace weighbridge {

using namespace Qt::StringLiterals;

CountsField::CountsField(const QString& label, std::int64_t most, const std::vector<std::int64_t>& counts,
                         QWidget* parent)
    : QWidget(parent), label_(new QLabel(label, this)), edit_(new LineEdit(this)), note_(new FieldNote(this)),
      most_(most), counts_(counts)
{
    QStringList texts;
    for (const std::int64_t count : counts)
        texts << QString::number(count);
    edit_->showText(texts.join(u", "_s));
    edit_->setToolTip(tr("Any number of them with commas between: 2000, 8k, 128k"));
    edit_->setObjectName(u"edit"_s);
    label_->setBuddy(edit_);
    note_->hide();
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setColumnStretch(1, 1);
    arrange();
    connect(edit_, &LineEdit::edited, this, &CountsField::read);
}

/// The label before the editor, or above it where that would leave no room for the numbers.
void CountsField::arrange()
{
    constexpr int fewest = 22; // characters
    const int each = fontMetrics().averageCharWidth();
    label_->setMinimumWidth(label_->sizeHint().width() + each / 2); // glyphs end in fractions of a pixel
    const int below = width() < label_->minimumWidth() + fewest * each ? 1 : 0;
    if (below == below_)
        return;
    below_ = below;
    auto* grid = static_cast<QGridLayout*>(layout()); // NOLINT: made as such above
    for (QWidget* part : {static_cast<QWidget*>(label_), static_cast<QWidget*>(edit_), static_cast<QWidget*>(note_)})
        grid->removeWidget(part);
    grid->addWidget(label_, 0, 0, 1, 1 + below);
    grid->addWidget(edit_, below, 1 - below, 1, 1 + below);
    grid->addWidget(note_, below + 1, 1 - below, 1, 1 + below);
}

void CountsField::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange();
}

void CountsField::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange && layout() != nullptr)
        arrange();
}

void CountsField::read(const QString& text)
{
    Result<std::vector<std::int64_t>> counts = std::vector<std::int64_t>();
    if (!text.trimmed().isEmpty())
        counts = parse_counts(text.toStdString(), label_->text().remove(u'&').toStdString(), most_);
    note_->setVisible(!counts);
    edit_->setProperty(invalidProperty, !counts);
    edit_->update();
    if (valid_ != static_cast<bool>(counts)) {
        valid_ = static_cast<bool>(counts);
        Q_EMIT validityChanged();
    }
    if (!counts) {
        note_->say(Severity::error, coreText(counts.error().message) % u'.');
        return;
    }
    if (counts_ == *counts)
        return;
    counts_ = std::move(*counts);
    Q_EMIT changed();
}

} // namespace weighbridge
