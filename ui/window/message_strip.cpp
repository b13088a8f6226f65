#include "ui/window/message_strip.h"

#include "ui/form/field_note.h"
#include "ui/theme/ink.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QPushButton>

#include <chrono>

namespace weighbridge {

namespace {

constexpr std::chrono::seconds noteStays{6};

} // namespace

MessageStrip::MessageStrip(QWidget* parent) : QWidget(parent), note_(new FieldNote(this))
{
    setObjectName(QStringLiteral("message"));
    note_->setObjectName(QStringLiteral("message.text"));
    auto* close = new QPushButton(tr("Close"), this);
    close->setObjectName(QStringLiteral("message.close"));
    close->setAccessibleName(tr("Close the message"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(14, 6, 14, 7);
    row->addWidget(note_, 1);
    row->addWidget(close, 0, Qt::AlignTop);
    connect(close, &QPushButton::clicked, this, &QWidget::hide);
    ends_.setSingleShot(true);
    ends_.setInterval(noteStays);
    connect(&ends_, &QTimer::timeout, this, &QWidget::hide);
    hide();
}

void MessageStrip::say(Severity severity, const QString& message)
{
    note_->say(severity, message);
    note_->dress();
    setAccessibleName(message);
    show();
    ends_.stop();
    if (severity == Severity::note)
        ends_.start();
}

void MessageStrip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), palette().color(QPalette::Base));
    painter.fillRect(QRect(0, height() - 1, width(), 1), hairline(palette()));
}

void MessageStrip::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape)
        hide();
    else
        QWidget::keyPressEvent(event);
}

} // namespace weighbridge
