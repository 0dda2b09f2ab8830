// Words of ours that support staff and operators meet, each in a sentence or two.

export const TERMS = {
  lane: 'A queue of its own for one urgency: critical, transactional, social or bulk. The category of a workflow decides, and what is slow in one lane holds up no other.',
  gate: 'One question that every notification is asked before it goes, such as whether the channel is on. The first gate that says no, or later, decides.',
  redrive: 'To send dead letters again: each goes once more, with fresh tries, as fast as you say. Mend the cause first.',
  'dead letter': 'A message that was given up, with its cause. Its words and its tries are kept, so that it can be sent again.',
  'put aside': 'A part of an audience that failed again and again. The others went on; nobody in it is told until it is redriven.',
  held: 'Decided, and waiting for its time: quiet hours, a delay, a window or a digest. It is decided again when it is due.',
  'adds up': 'Every recipient is in exactly one of these parts, and together they are all of them.',
} as const

export type Term = keyof typeof TERMS
